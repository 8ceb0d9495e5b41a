// How training bears company: a busy neighbour, a second run, more threads than cores. Prints milliseconds a step (the median
// of some rounds) in this checkout and, where one is named, in another, always in turn:
//   node bench/contention.mjs [/path/to/another/built/checkout] [--rounds 5] [--seconds 1] [--only 'quiet;two runs']
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('..', import.meta.url));

if (process.argv[2] === 'train') await train(process.argv[3], JSON.parse(process.argv[4]));
else if (process.argv[2] === 'spin') for (;;);
else await main();

/** Trains for as long as it is told to, and reports milliseconds a step. */
async function train(checkout, { layers, batch, threads, seconds }) {
  const { createCompute, BackpropNetwork, SelfDefinedTarget } = await import(
    pathToFileURL(`${checkout}/dist/index.js`).href
  );
  const compute = await createCompute({ threads });
  const spec = { layers, activations: ['identity', 'hard-sigmoid'], dropout: [0.2, 0.2], gain: 0.5 };
  const network = new BackpropNetwork(
    compute,
    { ...spec, loss: 'mse', optimizer: 'sgd', learningRates: [0.5] },
    1,
  );
  const target = new SelfDefinedTarget({ outputs: layers[1], winners: 5, gamma: 0.5, outputDropout: 0.2 });
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const values = Float32Array.from({ length: batch * layers[0] }, () => (random() < 0.8 ? 0 : random()));
  const x = { size: batch, width: layers[0], values };
  process.send('ready');
  process.on('message', () => {
    const start = performance.now();
    let steps = 0;
    for (; performance.now() < start + 1000 * seconds; steps++)
      network.step(x, target, { step: steps, rate: 1 });
    process.send((performance.now() - start) / steps);
  });
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
    },
  });
  const seconds = Number(values.seconds);
  const checkouts = { here, ...(positionals[0] ? { other: positionals[0] } : {}) };
  const [wide, small] = [
    { layers: [784, 2000], batch: 16 },
    { layers: [64, 500], batch: 16 },
  ];
  const scenarios = {
    quiet: { runs: 1, ...wide },
    'quiet, one thread': { runs: 1, ...wide, threads: 1 },
    neighbour: { runs: 1, ...wide, spinning: 1 },
    'neighbour, one thread': { runs: 1, ...wide, spinning: 1, threads: 1 },
    'two runs': { runs: 2, ...wide },
    'two runs, one thread each': { runs: 2, ...wide, threads: 1 },
    '8 threads': { runs: 1, ...wide, threads: 8 },
    small: { runs: 1, ...small },
    'small, one thread': { runs: 1, ...small, threads: 1 },
    'small, 8 threads': { runs: 1, ...small, threads: 8 },
  };
  const only = values.only.split(';').filter(Boolean);
  console.log(`${availableParallelism()} cores, node ${process.version}`);
  for (const [name, { runs, spinning = 0, ...network }] of Object.entries(scenarios)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const times = Object.fromEntries(Object.keys(checkouts).map((checkout) => [checkout, []]));
    const children = {};
    for (const [checkout, path] of Object.entries(checkouts)) {
      children[checkout] = await Promise.all(
        Array.from({ length: runs }, () => started(['train', path, JSON.stringify({ ...network, seconds })])),
      );
    }
    for (let round = -1; round < Number(values.rounds); round++) {
      for (const checkout of Object.keys(checkouts)) {
        const neighbours = Array.from({ length: spinning }, () =>
          fork(fileURLToPath(import.meta.url), ['spin']),
        );
        const took = await Promise.all(
          children[checkout].map(async (child) => {
            child.send('go');
            const [message] = await once(child, 'message');
            return message;
          }),
        );
        for (const neighbour of neighbours) neighbour.kill('SIGKILL');
        // The first round is for engines that compile.
        if (round >= 0) times[checkout].push(took.reduce((sum, time) => sum + time, 0) / runs);
      }
    }
    for (const child of Object.values(children).flat()) child.kill();
    const medians = Object.entries(times).map(([checkout, of]) => {
      of.sort((a, b) => a - b);
      return `${checkout} ${of[of.length >> 1].toFixed(3)} (${of[0].toFixed(3)} to ${of.at(-1).toFixed(3)})`;
    });
    console.log(`${name.padEnd(28)} ${medians.join('   ')}`);
  }
}

async function started(argv) {
  const child = fork(fileURLToPath(import.meta.url), argv);
  await once(child, 'message');
  return child;
}
