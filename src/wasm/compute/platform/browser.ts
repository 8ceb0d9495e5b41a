import { NoThreadError, type Platform } from './platform.js';

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
  releaseSignals: () => () => {},
  startWorker(source, data, onLost) {
    const address = URL.createObjectURL(new Blob([source, start], { type: 'text/javascript' }));
    const worker = new Worker(address);
    let isReady = false;
    const ready = new Promise<void>((resolve, reject) => {
      worker.onmessage = ({ data: failure }: MessageEvent<string>) => {
        if (isReady) onLost(failure);
        else if (failure) reject(new Error(failure));
        isReady ||= failure === '';
        if (isReady) resolve();
      };
      worker.onerror = ({ message }) => {
        if (isReady) onLost(message);
        // A policy that forbids the worker says so in the console only.
        const policy = "does the page's Content-Security-Policy allow worker-src blob: ?";
        reject(new NoThreadError(message || policy));
      };
      worker.postMessage(data);
    }).finally(() => URL.revokeObjectURL(address));
    return { ready, terminate: () => worker.terminate(), isAlive: () => true };
  },
};
