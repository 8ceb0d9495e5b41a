import { NoThreadError, type Platform, type WorkerHandle } from './platform.js';

const start = `
self.onmessage = ({ data }) => {
  try {
    serve(data, () => self.postMessage(''));
  } catch (error) {
    self.postMessage(String(error));
  }
};`;

export const platform: Platform = {
  node: false,
  sharedMemory: globalThis.crossOriginIsolated === true,
  cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  v8: '',
  behindFlags: { relaxedSimd: false, widening: false },
  withEngineFlags: (_, work) => work(),
  async startWorker(source, data, onLost, cancel) {
    const address = URL.createObjectURL(new Blob([source, start], { type: 'text/javascript' }));
    try {
      return await new Promise<WorkerHandle>((resolve, reject) => {
        const worker = new Worker(address);
        let isReady = false;
        const refuse = (error: unknown) => {
          if (isReady) return;
          worker.terminate();
          reject(error);
        };
        worker.onmessage = ({ data: failure }: MessageEvent<string>) => {
          if (isReady) onLost(failure);
          else if (failure) refuse(new Error(failure));
          isReady ||= failure === '';
          if (isReady) resolve({ terminate: () => worker.terminate(), isAlive: () => true });
        };
        worker.onerror = ({ message }) => {
          if (isReady) onLost(message);
          // A policy that forbids the worker says so in the console only.
          const policy = "does the page's Content-Security-Policy allow worker-src blob: ?";
          refuse(new NoThreadError(message || policy));
        };
        cancel.addEventListener('abort', () => refuse(cancel.reason));
        worker.postMessage(data);
      });
    } finally {
      URL.revokeObjectURL(address);
    }
  },
};
