/** The operating system's errors, as Node reports them. */

/** The `code` of a system error (`ENOENT`, `ENOSPC`), or nothing. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
