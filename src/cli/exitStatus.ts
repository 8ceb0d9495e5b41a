/** How the command ends, and what it says when that is not well. */
import { CommanderError } from 'commander';
import { SelftargetError } from '../errors.js';
import { ConfigError } from '../run/errors.js';

export const exitStatus = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Thrown by a command that was ended from outside and has said so. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** Prints what a user can act on, and answers the exit status. Stack traces are for programming errors. */
export function report(error: unknown): number {
  if (error instanceof Interrupted) return exitStatus.interrupted;
  // Commander has printed its message already; help and version end this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.done : exitStatus.usage;
  const debug = process.env.SELFTARGET_DEBUG === '1';
  const expected = error instanceof SelftargetError;
  if (expected && !debug) console.error(`error: ${error.message}`);
  else console.error(error);
  if (!expected && !debug)
    console.error('This is a fault of selftarget; please report it with the lines above.');
  return error instanceof ConfigError ? exitStatus.usage : exitStatus.failed;
}
