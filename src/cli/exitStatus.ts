/** How the command ends, and what it says when that is not well. */
import { CommanderError } from 'commander';
import { SelftargetError } from '../errors.js';
import { systemCode } from '../node/systemErrors.js';
import { ConfigError } from '../run/errors.js';

export const exitStatus = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Thrown by a command that was ended from outside and has said so. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

export interface Ending {
  readonly status: number;
  /** What went wrong, where anything did. */
  readonly message?: string;
}

/** Prints what a user can act on, and answers how the command ends. Stack traces are for bugs. */
export function report(error: unknown): Ending {
  if (error instanceof Interrupted) return { status: exitStatus.interrupted };
  if (error instanceof CommanderError) {
    // Commander has printed its message already; help and version end this way too.
    if (error.exitCode === 0) return { status: exitStatus.done };
    return { status: exitStatus.usage, message: error.message.replace(/^error: /, '') };
  }
  const status = error instanceof ConfigError ? exitStatus.usage : exitStatus.failed;
  const message = expectedMessage(error);
  if (message !== undefined && process.env.SELFTARGET_DEBUG !== '1') console.error(`error: ${message}`);
  else console.error(error);
  if (message === undefined) {
    console.error('This is a bug in selftarget; please report it with the lines above.');
  }
  return { status, message: message ?? String(error) };
}

/** What to say about an error that is not a bug: an expected failure, or one of the system that we run on. */
function expectedMessage(error: unknown): string | undefined {
  if (error instanceof SelftargetError) return error.message;
  const code = systemCode(error);
  if (!(error instanceof Error) || code === undefined) {
    return isOutOfMemory(error) ? `${advice.ENOMEM} (${error.message})` : undefined;
  }
  // Errors of Node's own that name a mistake of the caller are bugs.
  const isSystems = 'syscall' in error || code in advice;
  if (!isSystems) return undefined;
  if ('syscall' in error && error.syscall === 'uv_cwd')
    return 'the working folder is gone; change to another one';
  return advice[code] ? `${advice[code]} (${error.message})` : error.message;
}

const advice: Readonly<Record<string, string>> = {
  EMFILE: 'too many files are open; raise the limit with "ulimit -n"',
  ENFILE: 'the system has too many files open',
  ENOMEM:
    'there is not enough memory; close other programs, raise the limit ("ulimit -v"), or train a smaller network',
  EAGAIN:
    'the system refuses more threads or processes; use fewer with --threads, or raise the limit ("ulimit -u")',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk cannot be read or written',
  ERR_WORKER_INIT_FAILED:
    'the system refuses more threads; use fewer with --threads, or raise the limit ("ulimit -u")',
  ERR_WORKER_OUT_OF_MEMORY: 'there is not enough memory for a thread; use fewer with --threads',
  ERR_ACCESS_DENIED: "Node's permission model does not allow this",
};

function isOutOfMemory(error: unknown): error is Error {
  return (
    error instanceof RangeError && /allocation failed|out of memory|could not allocate/i.test(error.message)
  );
}
