/** What can go wrong with a run, told so that a user can act on it. */

/** The run cannot go on: disk, folder, checkpoint, or numbers. */
export class RunError extends Error {
  override name = 'RunError';
}

/** What was asked for makes no sense: an unknown name or an impossible value. Nothing has been done. */
export class ConfigError extends RunError {
  override name = 'ConfigError';
}

/** The `code` of a system error (`ENOENT`, `ENOSPC`), or nothing. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
