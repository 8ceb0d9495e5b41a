// Draws docs/explanation/figures/settling.svg: how the states of a network move before one digit, first on their own and then
// nudged towards the target that the outputs themselves make. Needs the built package.
//   npm run build && node scripts/drawSettling.mjs
import { writeFile } from 'node:fs/promises';
import { createCompute } from '../dist/wasm/compute/compute.js';
import { batchOrder, readBatch } from '../dist/data/batches.js';
import { loadDataSet } from '../dist/data/node/load.js';
import { EquilibriumNetwork } from '../dist/wasm/equilibrium/network.js';
import { layoutOf, Settling } from '../dist/wasm/equilibrium/settling.js';
import { Parameters } from '../dist/learner/parameters.js';
import { SelfDefinedTarget } from '../dist/target/index.js';
import { settlingStates } from '../dist/view/charts/curves.js';
import { standaloneSvg } from '../dist/view/charts/standalone.js';
import { drawingTools } from '../dist/view/node/drawing.js';

const [FREE, NUDGED, EPOCHS, BATCH, SEED] = [60, 20, 8, 16, 1];
const layers = [64, 200, 100];
const spec = {
  ...{
    layers,
    dropout: [0.1, 0, 0.1],
    loss: 'mse',
    optimizer: 'sgd',
    learningRates: [0.02, 0.03],
    gain: 0.5,
  },
  ...{ dt: 0.2, freeSteps: FREE, nudgedSteps: NUDGED, beta: 0.2, estimate: 'one-sided' },
};
// The kernels that give the same bits on every machine.
const compute = await createCompute({ threads: 1, kernel: 'plain' });
const { train, test } = await loadDataSet('digits', {});
const network = new EquilibriumNetwork(compute, spec, SEED);
const options = { outputs: 100, winners: 3, gamma: 0.4, smoothing: 0.3 };
const target = new SelfDefinedTarget(options);
const steps = Math.floor(train.length / BATCH);
for (let epoch = 0; epoch < EPOCHS; epoch++) {
  const order = batchOrder(train.length, SEED, epoch);
  for (let b = 0; b < steps; b++) {
    const step = epoch * steps + b;
    const x = readBatch(train, order, b * BATCH, (b + 1) * BATCH);
    network.step(x, target, { step, rate: 1 - step / (EPOCHS * steps) });
  }
}

const state = network.state();
const parameters = layers.slice(1).map((width, l) => {
  const layer = new Parameters(compute, `layer${l + 1}`, layers[l], width, layoutOf(spec, l + 1), 'sgd');
  layer.load(state);
  return layer;
});
const settling = new Settling(compute, spec, parameters, [SEED, 0]);
settling.begin(readBatch(test, [0], 0, 1));
const states = (l) => compute.f32(settling.layers[l].s, layers[l]).slice();
const course = [[states(1), states(2)]];
const settle = (count) => {
  for (let step = 0; step < count; step++) {
    settling.settle(1);
    course.push([states(1), states(2)]);
  }
};
settle(FREE);
const [hidden, outputs] = course[FREE];
const d = new Float32Array(outputs.length);
target.write({ size: 1, width: outputs.length, values: outputs }, d);
settling.target = compute.allocate(4 * settling.layers[2].stride);
compute.f32(settling.target, d.length).set(d);
settling.beta = spec.beta;
settle(NUDGED);
compute.dispose();

const ranked = (values) => Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
const winners = ranked(d).slice(0, options.winners);
const others = ranked(outputs)
  .filter((i) => !winners.includes(i) && outputs[i] > 0)
  .slice(0, 4);
const some = ranked(hidden).filter((i) => hidden[i] > 0 && hidden[i] < 1);
const line = (name, colour, layer) => (i) => ({
  ...{ name, colour, points: course.map((at, x) => ({ x, y: at[layer][i] })) },
});
const chart = settlingStates(
  [
    ...winners.map(line('winners', 1, 1)),
    ...others.map(line('other outputs', 0, 1)),
    ...[0.15, 0.4, 0.65, 0.9].map((q) => some[Math.floor(q * some.length)]).map(line('hidden neurons', 2, 0)),
  ],
  { nudge: FREE, document: drawingTools().document, width: 640 },
);
await writeFile('docs/explanation/figures/settling.svg', standaloneSvg(chart));
