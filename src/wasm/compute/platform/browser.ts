import type { Platform } from './platform.js';

const start = `
self.onmessage = ({ data }) => {
  self.postMessage('ready');
  serve(data);
};`;

export const platform: Platform = {
  node: false,
  sharedMemory: globalThis.crossOriginIsolated === true,
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  v8: '',
  behindFlags: { relaxedSimd: false, widening: false },
  withEngineFlags: (_, work) => work(),
  async startWorker(source, data) {
    const address = URL.createObjectURL(new Blob([source, start], { type: 'text/javascript' }));
    try {
      const worker = new Worker(address);
      await new Promise((resolve, reject) => {
        worker.onmessage = resolve;
        // A policy that forbids the worker says so in the console only.
        worker.onerror = ({ message }) =>
          reject(new Error(message || "does the page's Content-Security-Policy allow worker-src blob: ?"));
        worker.postMessage(data);
      });
      return worker;
    } finally {
      URL.revokeObjectURL(address);
    }
  },
};
