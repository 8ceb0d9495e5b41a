// Trains a preset for some epochs and prints one JSON line per epoch: training time only, and peak memory.
// Used by bench/run.mjs; by hand: node bench/epoch.mjs unsupervised-bp-2layer --epochs 4 --threads 2
import { parseArgs } from 'node:util';
import { buildParts } from '../dist/run/parts.js';
import { resolveConfig } from '../dist/run/settings.js';
import { loadDataSet } from '../dist/data/node/load.js';
import { subset } from '../dist/data/dataSet.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    epochs: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    items: { type: 'string', default: '0' },
    kernel: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    'data-dir': { type: 'string' },
  },
});
const config = await resolveConfig({ preset: positionals[0], set: values.set });
const { train } = await loadDataSet(config.dataset, { dataDir: values['data-dir'] });
const items = Number(values.items) || train.length;
const data = subset(
  train,
  Array.from({ length: items }, (_, i) => i),
);
const parts = await buildParts(config, { threads: Number(values.threads), kernel: values.kernel });
const signal = new AbortController().signal;
const durations = [];
let before = performance.now();
let seconds = 0;
// Of a semi-supervised run the unlabelled passes: they are what takes the time.
const first = config.semi?.pretrainEpochs ?? 0;
for await (const event of parts.plan(data).train({ epoch: first, step: 0 }, signal)) {
  const now = performance.now();
  if (event.pass === 'labelled') continue;
  if (event.kind === 'step') {
    durations.push(now - before);
    seconds += (now - before) / 1000;
    before = now;
    continue;
  }
  // The unlabelled pass is over; the labelled one is not timed.
  if (event.kind === (config.semi ? 'epoch' : 'pass')) {
    before = performance.now();
    continue;
  }
  durations.sort((a, b) => a - b);
  const line = {
    epoch: event.epoch - first,
    trainSeconds: seconds,
    steps: durations.length,
    medianStepMs: durations[durations.length >> 1],
    threads: parts.compute.threads,
    kernel: parts.compute.kernel,
    peakMB: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(line));
  if (event.epoch - first === Number(values.epochs)) break;
  durations.length = 0;
  seconds = 0;
  before = performance.now();
}
parts.dispose();
