// Our epochs beside PyTorch's, in turn, on the same machine; prints medians, and ratios to PyTorch with as many threads and to
// the fastest of the ways to run it.
//   npm run bench                     the published MLPs and a CNN against PyTorch
//   npm run bench -- PRESET           one of them; of semi-bp-600 the unlabelled pass
//   npm run bench -- unsupervised-ep-2layer-fast --epochs 1 --peer-steps 20 --items 6400    equilibrium propagation
//   npm run bench -- sequential       one learning step with one item
//   npm run bench -- browser          the same training in Chromium and in Node; also: browser PRESET
//   npm run bench -- scaling          epoch time against the number of items and of output neurons
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../dist/statistics/describe.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    // PyTorch's steps all take the same time, so a part of an epoch tells the whole; 0 runs all of it.
    'peer-steps': { type: 'string', default: '0' },
    // Our steps become cheaper as the network learns, so a part of our epoch tells too much rather than too little.
    items: { type: 'string', default: '0' },
    'data-dir': { type: 'string', default: process.env.SELFTARGET_DATA ?? '../shared/data' },
    python: { type: 'string', default: '/usr/bin/python3' },
    node: { type: 'string', default: process.execPath },
  },
});
const { threads, epochs } = values;
const rounds = Number(values.rounds);
const ITEMS = 60_000;

/**
 * Ways to run PyTorch. Its own threads and those of OpenBLAS look for work in turn, and where they wait actively, as they do
 * by default, they take the processors from each other: two threads are slower than one.
 */
const ways = [
  { name: `${threads} threads`, threads, environment: {} },
  { name: `${threads}, waiting passively`, threads, environment: { OMP_WAIT_POLICY: 'passive' } },
  { name: '1 thread', threads: '1', environment: {} },
];

/** The same training in PyTorch: script and arguments. */
const peers = {
  'unsupervised-bp-1layer': [
    'unsupervised_bp.py',
    ...['--layers', '784,2000', '--rates', '8', '--dropout', '0.3,0.2', '--winners', '6', '--gamma', '0.4'],
  ],
  'unsupervised-bp-2layer': ['unsupervised_bp.py'],
  'semi-bp-600': ['semi_bp.py'],
  'unsupervised-bp-cnn-mnist': ['cnn.py'],
  'unsupervised-ep-1layer': [
    'unsupervised_ep.py',
    ...[
      '--layers',
      '784,2000',
      '--rates',
      '0.03',
      '--dropout',
      '0.3,0.2',
      '--winners',
      '5',
      '--gamma',
      '0.3',
    ],
    ...['--free', '40', '--nudged', '10', '--batch', '16'],
  ],
  'unsupervised-ep-2layer': ['unsupervised_ep.py'],
  // Against the published dynamics.
  'unsupervised-ep-2layer-fast': ['unsupervised_ep.py'],
};

/**
 * Where an epoch takes minutes: steps of PyTorch and items of ours in each round, scaled to an epoch. All steps cost
 * the same on both sides.
 */
const samples = { 'unsupervised-bp-cnn-mnist': { steps: 30, items: 1600 } };

switch (positionals[0]) {
  case undefined:
    for (const preset of Object.keys(peers)) compare(preset);
    break;
  case 'sequential':
    sequential();
    break;
  case 'scaling':
    scaling();
    break;
  case 'browser': {
    const { compareWithBrowser } = await import('./browser.mjs');
    await compareWithBrowser({
      preset: positionals[1] ?? 'unsupervised-bp-2layer',
      items: Number(values.items) || 4000,
      ...{ rounds, threads: Number(threads), dataDir: values['data-dir'], node: values.node },
    });
    break;
  }
  default:
    if (!Object.hasOwn(peers, positionals[0])) {
      console.error(
        `unknown benchmark "${positionals[0]}": ${['sequential', 'scaling', 'browser', ...Object.keys(peers)].join(', ')}`,
      );
      process.exit(2);
    }
    compare(positionals[0]);
}

function compare(preset) {
  const sample = samples[preset];
  const mine = Array.from({ length: sample ? 1 : Number(epochs) }, () => []);
  const theirs = ways.map(() => []);
  const memory = { mine: 0, theirs: 0 };
  let kernel = '';
  for (let round = 0; round < rounds; round++) {
    for (const [w, way] of ways.entries()) {
      for (const line of peer(preset, way)) {
        theirs[w].push((line.trainSeconds * ITEMS) / (line.steps * line.batch));
        memory.theirs = Math.max(memory.theirs, line.peakMB);
      }
    }
    const part = sample ? ['--items', String(sample.items)] : ['--epochs', epochs, '--items', values.items];
    for (const line of ours(preset, part)) {
      const items = sample?.items ?? (Number(values.items) || ITEMS);
      mine[line.epoch - 1].push((line.trainSeconds * ITEMS) / items);
      memory.mine = Math.max(memory.mine, line.peakMB);
      kernel = line.kernel;
    }
  }
  console.log(`${preset}, one MNIST epoch, ${threads} threads, medians of ${rounds} rounds in turn`);
  for (const [w, { name }] of ways.entries()) {
    console.log(`  PyTorch, ${name.padEnd(21)} ${seconds(median(theirs[w]))}  ${spread(theirs[w])}`);
  }
  console.log(`  PyTorch, peak ${memory.theirs.toFixed(0)} MB`);
  const best = Math.min(...theirs.map(median));
  mine.forEach((times, i) => {
    const [same, all] = [median(theirs[0]), best].map((time) => (time / median(times)).toFixed(1));
    console.log(
      `  here, epoch ${String(i + 1).padEnd(18)} ${seconds(median(times))}  ${spread(times)}  ` +
        `${same} x as fast as the first, ${all} x as the fastest`,
    );
  });
  console.log(`  here, ${kernel} kernels, peak ${memory.mine.toFixed(0)} MB\n`);
}

function sequential() {
  const set = ['--set', 'batchSize=1', '--set', 'learningRates=[0.15,0.3]', '--set', 'target.gamma=0.05'];
  const [line] = ours('unsupervised-bp-2layer', [...set, '--items', '3000']);
  console.log(
    `784-2000-2000, one item a step, ${threads} threads: median ${line.medianStepMs.toFixed(3)} ms a step`,
  );
}

function scaling() {
  console.log(`unsupervised-bp-1layer, first epoch, ${threads} threads, medians of ${rounds}`);
  const time = (args) =>
    median(Array.from({ length: rounds }, () => ours('unsupervised-bp-1layer', args)[0].trainSeconds));
  for (const items of [15_000, 30_000, 60_000]) {
    const took = time(['--items', String(items)]);
    console.log(
      `  ${String(items).padStart(6)} items, 2000 neurons: ${seconds(took)}, ${((took / items) * 1e6).toFixed(1)} us an item`,
    );
  }
  for (const neurons of [500, 1000, 2000, 4000, 8000]) {
    // The published rate and number of winners belong to 2000 neurons; both go with their number.
    const set = [
      `layers=[784,${neurons}]`,
      `learningRates=[${(8 * neurons) / 2000}]`,
      `target.winners=${Math.round((6 * neurons) / 2000)}`,
    ];
    const took = time(['--items', '15000', ...set.flatMap((text) => ['--set', text])]);
    console.log(
      `   15000 items, ${String(neurons).padStart(4)} neurons: ${seconds(took)}, ${((took / neurons) * 1e6).toFixed(0)} us a neuron`,
    );
  }
}

function ours(preset, args) {
  return run(values.node, [
    'bench/epoch.mjs',
    preset,
    '--threads',
    threads,
    '--data-dir',
    values['data-dir'],
    ...args,
  ]);
}

function peer(preset, way) {
  const folder = join(values['data-dir'], 'mnist', 'train-images-idx3-ubyte');
  const images = existsSync(folder) ? folder : `${folder}.gz`;
  const [script, ...args] = peers[preset];
  const steps = Number(values['peer-steps']) || samples[preset]?.steps || 0;
  const common = ['--threads', way.threads, '--steps', String(steps)];
  return run(values.python, [`bench/peers/${script}`, images, ...args, ...common], way.environment);
}

function run(command, args, environment = {}) {
  const { status, stdout, error } = spawnSync(command, args, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error || status !== 0) {
    console.error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
    if (command === values.python)
      console.error('PyTorch comes with: apt-get install python3-torch libopenblas0-pthread');
    process.exit(1);
  }
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function seconds(value) {
  return `${value.toFixed(2).padStart(6)} s`;
}

function spread(numbers) {
  return `(${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)})`;
}
