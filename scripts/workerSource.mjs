// The code of the threads that run kernels, threads.js, as text: so a worker starts the same way in Node and from any bundle.
import { readFile } from 'node:fs/promises';

const file = 'src/wasm/compute/threads.js';

/** What src/wasm/compute/workerSource.ts says. */
export async function workerSource() {
  const code = await readFile(file, 'utf8');
  if (/^import /m.test(code)) throw new Error(`${file} must not import anything: it becomes text`);
  const script = code.replaceAll(/^export /gm, '').trimEnd();
  const lines = script.split('\n').map((line) => `  ${JSON.stringify(line)},\n`);
  return `// Written by scripts/buildKernels.mjs from threads.js.
/** The function \`serve\` of threads.js and what it needs, as a script. */
export const workerSource: string = [\n${lines.join('')}].join('\\n');
`;
}
