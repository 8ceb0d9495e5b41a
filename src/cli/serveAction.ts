/** What `selftarget serve` does. */
import { fileURLToPath } from 'node:url';
import { startServing } from '../serve/server.js';
import { listenForInterruption } from './interruption.js';
import type { ServeFlags } from './serveCommand.js';

export async function runServe({ port, dataDir }: ServeFlags): Promise<void> {
  // Beside the command in the package.
  const page = fileURLToPath(new URL('../app', import.meta.url));
  const serving = await startServing({ page, port, dataDir });
  const { signal, release } = listenForInterruption(() => {});
  const data = ['digits', ...serving.dataSets].join(', ');
  console.log(`${serving.address}\nData sets on the page: ${data}. Ctrl-C ends it.`);
  try {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await serving.close();
  } finally {
    release();
  }
}
