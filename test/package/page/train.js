// What a page does with the library: train a little, where it stands, and tell with what.
import {
  associate,
  associationAccuracy,
  BackpropNetwork,
  createCompute,
  digits,
  SelfDefinedTarget,
  unsupervised,
} from 'selftarget';

export async function train() {
  const warnings = [];
  const compute = await createCompute({
    threads: 2,
    kernel: 'plain',
    onWarning: (text) => warnings.push(text),
  });
  const { train: data, test } = digits();
  const spec = { layers: [64, 100], activations: ['identity', 'hard-sigmoid'], dropout: [0.1, 0.1] };
  const learner = new BackpropNetwork(
    compute,
    { ...spec, loss: 'mse', optimizer: 'sgd', learningRates: [10] },
    1,
  );
  const target = new SelfDefinedTarget({ outputs: 100, winners: 3, gamma: 0.4 });
  const schedule = { shape: 'linear', from: 1, to: 5e-4 };
  for await (const _ of unsupervised({ learner, target, data, epochs: 3, batchSize: 16, schedule, seed: 1 }));
  const { average } = await associationAccuracy(learner, await associate(learner, data), test);
  const { threads } = compute;
  compute.dispose();
  return { threads, accuracy: average, warnings };
}
