/** Starts the worker that trains, and shows what it answers as the page's title. */
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => {
  document.title = JSON.stringify(data);
};
worker.onerror = ({ message }) => {
  document.title = JSON.stringify({ error: message });
};
worker.postMessage(new URLSearchParams(location.search).get('kernel'));
