/**
 * A newer Node widens SIMD operations to 256 bits: it must choose the build made for that, and compute the same bits
 * as this Node does without widening.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const newer = process.env.SELFTARGET_NEWER_NODE ?? '';
const library = new URL('../../../dist/index.js', import.meta.url).href;
const missing = [
  ...(newer === '' ? ['SELFTARGET_NEWER_NODE, the path of a Node 24 or later'] : []),
  ...(existsSync(new URL(library)) ? [] : ['dist/, from npm run build']),
];

/** Trains two layers wide enough for whole tiles, then convolutions, and prints the build chosen and the weights' digest. */
const script = `
  import { createHash } from 'node:crypto';
  const s = await import(${JSON.stringify(library)});
  const chosen = await s.createCompute({ threads: 1 });
  const compute = await s.createCompute({ threads: 2, kernel: 'wide' });
  const { train } = s.digits();
  const learner = new s.BackpropNetwork(compute, {
    layers: [64, 256, 256], activations: ['identity', 'relu', 'hard-sigmoid'], dropout: [0.2, 0.2, 0.2],
    loss: 'mse', optimizer: 'sgd', learningRates: [0.5, 4],
  }, 1);
  const target = new s.SelfDefinedTarget({ outputs: 256, winners: 4, gamma: 0.2 });
  const schedule = { shape: 'constant' };
  for await (const _ of s.unsupervised({ learner, target, data: train, epochs: 5, batchSize: 15, schedule, seed: 1 }));
  const window = (size, stride, padding) => ({ size, stride, padding });
  const pool = { kind: 'max', ...window(4, 2, 1) };
  const blocks = [{ channels: 20, kernel: window(5, 1, 2), pool }, { channels: 32, kernel: window(3, 1, 1), pool }];
  const convolutional = new s.BackpropNetwork(compute, {
    convolution: { image: [8, 8, 1], blocks, prune: 0.5 }, layers: [64],
    activations: ['identity', 'relu', 'wta', 'identity'], dropout: [0.2, 0.3],
    loss: 'mse', optimizer: 'adam', learningRates: [1e-3, 1e-3, 1e-2],
  }, 1);
  const one = new s.SelfDefinedTarget({ outputs: 64, winners: 1, gamma: 1 });
  const second = { learner: convolutional, target: one, data: train, epochs: 3, batchSize: 15, schedule, seed: 1 };
  for await (const _ of s.unsupervised(second));
  const hash = createHash('sha256');
  for (const { data } of learner.state().values()) hash.update(data);
  for (const { data } of convolutional.state().values()) hash.update(data);
  console.log(JSON.stringify({ chosen: chosen.kernel, weights: hash.digest('hex') }));
  compute.dispose();
  chosen.dispose();
`;

function trainWith(node: string): { chosen: string; weights: string } {
  const { status, stdout, stderr } = spawnSync(node, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const without = missing.length === 0 ? '' : ` (needs ${missing.join(' and ')})`;

describe.skipIf(without !== '')(`a newer Node${without}`, () => {
  test('widens after its self-check, to the same bits as without widening', () => {
    const there = trainWith(newer);
    const here = trainWith(process.execPath);
    expect(there.chosen).toBe('wide');
    expect(there.weights).toBe(here.weights);
  });
});
