/** What every error has in common that a user can act on. */

/**
 * An expected failure: its message says what was wrong, where, and what would be right. Programs show the message
 * alone. Any other error is a bug, whose stack trace is worth reporting.
 */
export class SelftargetError extends Error {
  override name = 'SelftargetError';
}
