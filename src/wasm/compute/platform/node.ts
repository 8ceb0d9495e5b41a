import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Platform } from './platform.js';

const start = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage('ready');
serve(workerData);`;

// Deno and Bun give a version of Node, too, but have other engines, or none of these flags.
const isNode = !('deno' in process.versions) && !('bun' in process.versions);
const version = Number(process.versions.node.split('.')[0]);

function opposite(flag: string): string {
  return flag.startsWith('--no-') ? `--${flag.slice('--no-'.length)}` : `--no-${flag.slice('--'.length)}`;
}

export const platform: Platform = {
  node: true,
  sharedMemory: true,
  cores: availableParallelism(),
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
  async startWorker(source, workerData) {
    // Without the process's own arguments: some, such as --input-type, are refused for a worker.
    const worker = new Worker(source + start, { eval: true, workerData, execArgv: [] });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    // A waiting worker must not keep the process alive.
    worker.unref();
    return { terminate: () => void worker.terminate() };
  },
};
