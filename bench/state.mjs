// How long it takes to save and restore what a network has learned: 784-2000-2000 with Adam, 67 MB; medians of 15.
//   npm run build && node bench/state.mjs
import { BackpropNetwork, createCompute } from '../dist/index.js';

const ROUNDS = 15;
const layers = [784, 2000, 2000];

const compute = await createCompute({ threads: 1 });
const network = new BackpropNetwork(
  compute,
  {
    layers,
    activations: ['identity', 'hard-sigmoid', 'hard-sigmoid'],
    dropout: [0.3, 0.3, 0.2],
    loss: 'mse',
    optimizer: 'adam',
    learningRates: [1e-3, 1e-3],
  },
  1,
);
const items = { size: 16, width: 784, values: new Float32Array(16 * 784).fill(0.5) };
network.step(items, { write: (_, d) => void d.fill(0.1) }, { step: 0, rate: 1 });
const state = network.state();
const bytes = [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
const teacher = network.clone(2);

console.log(`Node ${process.versions.node}; a state of ${(bytes / 1e6).toFixed(0)} MB; milliseconds:`);
for (const [name, work] of Object.entries({
  'state()': () => network.state(),
  'load()': () => network.load(state),
  'parameters()': () => network.parameters(),
  'blend(0.01)': () => teacher.blend(network, 0.01),
  'clone()': () => network.clone(3).dispose(),
})) {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = performance.now();
    work();
    return performance.now() - before;
  }).sort((a, b) => a - b);
  console.log(
    `  ${name.padEnd(14)}${times[ROUNDS >> 1].toFixed(1).padStart(8)}  (least ${times[0].toFixed(1)})`,
  );
}
compute.dispose();
