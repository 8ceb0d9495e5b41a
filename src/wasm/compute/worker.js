/** The file that a worker thread starts from: in Node its data comes with the start, in a browser as a message. */
import { serve } from './threads.js';

if ('WorkerGlobalScope' in globalThis) {
  self.onmessage = (event) => {
    self.postMessage('ready');
    serve(event.data);
  };
} else {
  const { parentPort, workerData } = await import('node:worker_threads');
  parentPort?.postMessage('ready');
  serve(workerData);
}
