import { train } from './train.js';

/** Trains in the page and then in its worker; the page's title says how it went. */
export async function show(worker) {
  const inWorker = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: message });
  });
  const inPage = await train().catch((error) => ({ error: String(error) }));
  document.title = JSON.stringify({ inPage, inWorker });
}
