import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Platform } from './platform.js';

const start = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.postMessage('ready');
serve(workerData);`;

export const platform: Platform = {
  node: true,
  sharedMemory: true,
  cores: availableParallelism(),
  widening: Number(process.versions.node.split('.')[0]) >= 24 && process.arch === 'x64',
  // NODE_OPTIONS refuses the flags needed here, so they are set from within; workers inherit them.
  setEngineFlag: setFlagsFromString,
  async startWorker(source, workerData) {
    // Without the process's own arguments: some, such as --input-type, are refused for a worker.
    const worker = new Worker(source + start, { eval: true, workerData, execArgv: [] });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    // A waiting worker must not keep the process alive.
    worker.unref();
    return { terminate: () => void worker.terminate() };
  },
};
