/** Worker threads of Node and Web Workers of browsers behind one handle. */

export interface WorkerHandle {
  terminate(): void;
}

/** Starts `count` workers, each with the data that `start` makes for it; resolves when all wait for work. */
export async function startWorkers(
  count: number,
  node: boolean,
  start: (index: number) => object,
): Promise<WorkerHandle[]> {
  const startOne = node ? startNodeWorker : startWebWorker;
  return Promise.all(Array.from({ length: count }, (_, i) => startOne(start(i))));
}

async function startNodeWorker(workerData: object): Promise<WorkerHandle> {
  const { Worker } = await import('node:worker_threads');
  // Without the process's own arguments: some, such as --input-type, are refused for a worker's file.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, execArgv: [] });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  // A waiting worker must not keep the process alive.
  worker.unref();
  return { terminate: () => void worker.terminate() };
}

async function startWebWorker(data: object): Promise<WorkerHandle> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => reject(new Error(`a worker did not start: ${event.message}`));
    worker.postMessage(data);
  });
  return worker;
}
