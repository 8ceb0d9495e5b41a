// Runs the commands that documents show (see documentedCommands.mjs), as they are written: node scripts/runDocuments.mjs
// [FILE...], all documents by default. Run it in a fresh clone (.ci/run does): commands write there.
import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsOf, documents } from './documentedCommands.mjs';
import { writeExamples } from './exampleData.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const LIMIT_SECONDS = 300;

writeExamples('.');
const files = process.argv.length > 2 ? process.argv.slice(2) : documents();
let failures = 0;
for (const { file, line, text } of files
  .flatMap((name) => commandsOf(name))
  .filter(({ kind }) => kind === 'run')) {
  const began = performance.now();
  const failure = await run(text, file);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${file}:${line}: ${failure === undefined ? 'ok' : 'FAILED'} (${seconds} s)  ${text}`);
  if (failure === undefined) continue;
  failures++;
  console.log(failure.trimEnd().replaceAll(/^/gm, '    '));
}
if (failures > 0) {
  console.error(`${failures} of the documents' commands failed`);
  process.exit(1);
}

/** Runs one command; answers why it failed, with what it printed. */
async function run(command, file) {
  const env = { ...process.env };
  // README says npx; the other documents say that the command has been installed.
  if (file !== 'README.md') env.PATH = `${resolve('node_modules/.bin')}${delimiter}${env.PATH}`;
  const child = spawn('sh', ['-c', command], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  const serves = /\bselftarget serve\b/.test(command);
  let printed = '';
  let wrong;
  let asked = false;
  const read = (data) => {
    printed += data;
    const address = /http:\/\/\S+/.exec(printed)?.[0];
    if (!serves || !address || asked) return;
    asked = true;
    fetch(address)
      .then(({ status }) => {
        if (status !== 200) wrong = `${address} answers ${status}`;
      })
      .catch((error) => {
        wrong = `${address}: ${error.message}`;
      })
      .finally(() => end('SIGINT'));
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const timer = setTimeout(() => {
    wrong = `did not end within ${LIMIT_SECONDS} seconds; mark its block as sh long`;
    end('SIGKILL');
  }, 1000 * LIMIT_SECONDS);
  const [status, signal] = await new Promise((done) => child.on('close', (...how) => done(how)));
  clearTimeout(timer);
  // A shell that is interrupted together with the server may report the interruption.
  const ended = status === 0 || (serves && asked && (status === 130 || signal === 'SIGINT'));
  if (wrong === undefined && !ended) wrong = `exit status ${status ?? signal}`;
  return wrong === undefined ? undefined : `${wrong}\n${printed.slice(-4000)}`;
}
