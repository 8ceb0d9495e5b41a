/** Which process is which, so that what one has left behind can be told from what one still needs. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Which start of the machine, and which of its tables of processes; empty where the system does not say. */
  readonly machine: string;
  /** When the process began, as the system counts: numbers of processes are used again. */
  readonly born: string;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), machine: thisMachine(), born: birthOf(process.pid) };
}

/** Whether a process is running; nothing where it belongs to another machine, which cannot be asked. */
export function isRunning({ pid, host, machine, born }: ProcessIdentity): boolean | undefined {
  if (host !== hostname() || machine !== thisMachine()) return undefined;
  return isAlive(pid) && birthOf(pid) === born;
}

/** Whether some process on this machine has that number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function thisMachine(): string {
  const start = orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return `${start} ${orEmpty(() => readlinkSync('/proc/self/ns/pid'))}`.trim();
}

/** The 22nd field of Linux's `stat`; the second is in brackets and may hold anything. */
function birthOf(pid: number): string {
  const text = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
