import { type Command, InvalidArgumentError } from 'commander';
import { dataDirOption } from './dataDirOption.js';
import { wholeNumber } from './numberArguments.js';

export interface ServeFlags {
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
    .summary('watch a network learn in the browser')
    .description('Serves the page that trains in a browser, to this machine alone, until Ctrl-C.')
    .option('--port <n>', 'where to listen; 0 for any that is free', portNumber, 8080)
    .option(...dataDirOption)
    .addHelpText('after', examples)
    .action(async (flags: ServeFlags) => (await import('./serveAction.js')).runServe(flags));
}

function portNumber(text: string): number {
  const port = wholeNumber(0)(text);
  if (port > 65_535) throw new InvalidArgumentError('A port is at most 65535.');
  return port;
}
