// The training that is timed in Chromium and in Node alike: some items of MNIST once, after as many to warm up on.
import {
  BackpropNetwork,
  createCompute,
  idxDataSet,
  SelfDefinedTarget,
  subset,
  unsupervised,
} from '../../dist/index.js';

/**
 * @param {{ config: any, items: number, threads: number, kernel: 'plain' | 'relaxed' }} work
 * @param {{ images: Uint8Array, labels: Uint8Array }} bytes of the training part
 */
export async function trainItems({ config, items, threads, kernel }, { images, labels }) {
  const all = idxDataSet({
    name: 'mnist',
    images: { source: 'images', bytes: images },
    labels: { source: 'labels', bytes: labels },
    classes: Array.from({ length: 10 }, (_, c) => String(c)),
  });
  const data = subset(
    all,
    Array.from({ length: items }, (_, i) => i),
  );
  const compute = await createCompute({ threads, kernel });
  const { layers, activations, dropout, loss, optimizer, learningRates, target, seed, batchSize } = config;
  const learner = new BackpropNetwork(
    compute,
    { layers, activations, dropout, loss, optimizer, learningRates },
    seed,
  );
  const rule = new SelfDefinedTarget({
    ...target,
    outputs: learner.outputs,
  });
  const schedule = { shape: 'constant' };
  const training = { learner, target: rule, data, epochs: 2, batchSize, schedule, seed };
  let began = 0;
  let last = 0;
  for await (const event of unsupervised(training)) {
    if (event.kind !== 'epoch') continue;
    if (event.epoch === 1) began = performance.now();
    last = event.loss;
  }
  const seconds = (performance.now() - began) / 1000;
  const used = { threads: compute.threads, kernel: compute.kernel };
  learner.dispose();
  compute.dispose();
  return { seconds, loss: last, ...used };
}
