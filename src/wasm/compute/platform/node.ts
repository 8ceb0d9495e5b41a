import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';
import { grantedCores } from './cores.js';
import { NoThreadError, type Platform } from './platform.js';

/** A worker tells what Linux calls its thread, where a thread that has ended can no longer be found. */
const start = `
const { parentPort, workerData } = require('node:worker_threads');
let thread;
try {
  thread = '/proc/' + require('node:fs').readlinkSync('/proc/thread-self');
} catch {}
serve(workerData, () => parentPort.postMessage({ thread }));`;

/** Codes of the errors when the system grants no thread. */
const noThread = new Set<unknown>(['ERR_WORKER_INIT_FAILED', 'ERR_WORKER_OUT_OF_MEMORY', 'EAGAIN', 'ENOMEM']);

// Deno and Bun give a version of Node, too, but have other engines, or none of these flags.
const isNode = !('deno' in process.versions) && !('bun' in process.versions);
const version = Number(process.versions.node.split('.')[0]);

function opposite(flag: string): string {
  return flag.startsWith('--no-') ? `--${flag.slice('--no-'.length)}` : `--no-${flag.slice('--'.length)}`;
}

export const platform: Platform = {
  node: true,
  sharedMemory: true,
  cores: grantedCores(),
  v8: isNode ? process.versions.v8 : '',
  behindFlags: {
    relaxedSimd: isNode && version < 22,
    widening: isNode && version >= 24 && process.arch === 'x64',
  },
  // NODE_OPTIONS refuses the flags needed here, so they are set from within.
  withEngineFlags(flags, work) {
    for (const flag of flags) setFlagsFromString(flag);
    try {
      return work();
    } finally {
      for (const flag of flags) setFlagsFromString(process.execArgv.includes(flag) ? flag : opposite(flag));
    }
  },
  releaseSignals() {
    if (!isMainThread) return () => {};
    const held = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => {
      const listeners = process.rawListeners(name) as NodeJS.SignalsListener[];
      for (const listener of listeners) process.off(name, listener);
      return { name, listeners };
    });
    return () => {
      for (const { name, listeners } of held) for (const listener of listeners) process.on(name, listener);
    };
  },
  startWorker(source, workerData, onLost) {
    let worker: Worker | undefined;
    let thread: string | undefined;
    let isReady = false;
    let hasEnded = false;
    let failure: unknown;
    const ready = new Promise<void>((resolve, reject) => {
      const end = () => {
        hasEnded = true;
        const error = failure instanceof Error ? failure : new Error('it ended by itself');
        if (isReady) onLost(error.message);
        else reject('code' in error && noThread.has(error.code) ? new NoThreadError(error.message) : error);
      };
      try {
        // Without the process's own arguments: some, such as --input-type, are refused for a worker.
        worker = new Worker(source + start, { eval: true, workerData, execArgv: [] });
        worker.once('message', (message: { thread?: string }) => {
          isReady = true;
          thread = message.thread;
          // A waiting worker must not keep the process alive.
          worker?.unref();
          resolve();
        });
        worker.once('error', (error) => {
          failure = error;
        });
        worker.once('exit', end);
      } catch (error) {
        failure = error;
        end();
      }
    });
    return {
      ready,
      terminate: () => void worker?.terminate(),
      isAlive: () => !hasEnded && (thread === undefined || existsSync(thread)),
    };
  },
};
