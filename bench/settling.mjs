// How a network settles: trains an equilibrium propagation preset on some batches, then shows the free phase of one
// more, step by step: the largest change of a state, the largest distance of one from the equilibrium, the non-zero
// states, and the outputs whose drive is computed. --run takes a trained network, --dt another step size.
//   npm run build && node bench/settling.mjs unsupervised-ep-2layer --batches 300
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCompute } from '../dist/wasm/compute/compute.js';
import { batchOrder, readBatch } from '../dist/data/batches.js';
import { loadDataSet } from '../dist/data/node/load.js';
import { EquilibriumNetwork } from '../dist/wasm/equilibrium/network.js';
import { layoutOf, Settling } from '../dist/wasm/equilibrium/settling.js';
import { Parameters } from '../dist/learner/parameters.js';
import { decodeSafetensors } from '../dist/learner/safetensors.js';
import { resolveConfig } from '../dist/run/settings.js';
import { SelfDefinedTarget } from '../dist/target/index.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batches: { type: 'string', default: '300' },
    dt: { type: 'string' },
    run: { type: 'string' },
    threads: { type: 'string', default: '1' },
    'data-dir': { type: 'string', default: process.env.SELFTARGET_DATA ?? '../shared/data' },
  },
});
const config = await resolveConfig({ preset: positionals[0] ?? 'unsupervised-ep-2layer' });
const { equilibrium, layers, batchSize } = config;
const dt = Number(values.dt ?? equilibrium.dt);
const spec = { ...config, ...equilibrium, dt };
const { train } = await loadDataSet(config.dataset, { dataDir: values['data-dir'] });
const compute = await createCompute({ threads: Number(values.threads) });

// Trained by the fast dynamics, whatever is shown afterwards.
const fast = { minimizer: 'even-odd', dt: 1, tolerance: 1e-3 };
const network = new EquilibriumNetwork(compute, { ...spec, ...fast }, config.seed);
const outputs = layers[layers.length - 1];
const target = new SelfDefinedTarget({ ...config.target, outputs });
const order = batchOrder(train.length, config.seed, 0);
const batchAt = (b) => readBatch(train, order, b * batchSize, (b + 1) * batchSize);
const batches = values.run ? 0 : Number(values.batches);
for (let step = 0; step < batches; step++) network.step(batchAt(step), target, { step, rate: 1 });

const state = values.run
  ? decodeSafetensors(await readFile(join(values.run, 'model.safetensors'))).tensors
  : network.state();
const parameters = layers.slice(1).map((width, l) => {
  const layer = new Parameters(compute, `layer${l + 1}`, layers[l], width, layoutOf(spec, l + 1), 'sgd');
  layer.load(state);
  return layer;
});
const key = [config.seed, 0];
const settling = new Settling(compute, spec, parameters, key);
const slow = new Settling(compute, { ...spec, ...fast, tolerance: 0 }, parameters, key);
slow.begin(batchAt(batches), batches);
slow.settle(100);
console.log('step  largest change  from equilibrium  non-zero states by layer  outputs computed');
for (let step = 1; step <= equilibrium.freeSteps; step++) {
  settling.begin(batchAt(batches), batches);
  const change = settling.settle(step);
  const shares = settling.layers.slice(1).map(({ rho, stride, width }) => {
    const all = compute.f32(rho, batchSize * stride);
    return percent(all.reduce((n, v) => n + (v === 0 ? 0 : 1), 0) / (batchSize * width));
  });
  const distance = settling.layers.slice(1).map(({ s, stride }, l) => {
    const end = compute.f32(slow.layers[l + 1].s, batchSize * stride);
    return compute.f32(s, batchSize * stride).reduce((most, v, i) => Math.max(most, Math.abs(v - end[i])), 0);
  });
  const columns = [
    String(step).padStart(4),
    change.toExponential(1).padStart(15),
    Math.max(...distance)
      .toExponential(1)
      .padStart(17),
    shares.join(' ').padStart(25),
  ];
  console.log(
    `${columns.join(' ')} ${percent(settling.connections[settling.top]?.computedShare?.(batchSize) ?? 1)}`,
  );
  if (change < (equilibrium.tolerance ?? 0)) break;
}
compute.dispose();

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
