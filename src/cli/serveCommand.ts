import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { startServing } from '../serve/server.js';
import { listenForInterruption } from './interruption.js';
import { wholeNumber } from './numberArguments.js';

interface ServeFlags {
  port: number;
  dataDir?: string;
}

const examples = `
Examples:
  selftarget serve
  selftarget serve --port 0 --data-dir ../data    any free port, MNIST there`;

export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('the page on which a network learns before your eyes')
    .description('Serves the page that trains in a browser, to this machine alone, until Ctrl-C.')
    .option('--port <n>', 'where to listen; 0 for any that is free', portNumber, 8080)
    .option('--data-dir <folder>', 'where data sets lie')
    .addHelpText('after', examples)
    .action(runServe);
}

function portNumber(text: string): number {
  const port = wholeNumber(0)(text);
  if (port > 65_535) throw new InvalidArgumentError('A port is at most 65535.');
  return port;
}

async function runServe({ port, dataDir }: ServeFlags): Promise<void> {
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
