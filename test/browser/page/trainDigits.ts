/** What the page and the test in Node both run: two-layer unsupervised training of the built-in digits. */
import {
  associate,
  associationAccuracy,
  BackpropNetwork,
  createCompute,
  digits,
  type KernelBuild,
  SelfDefinedTarget,
  unsupervised,
} from '../../../src/index.js';

export async function trainDigits(options: { kernel: KernelBuild; threads: number; seed?: number }) {
  const { kernel, threads, seed = 1 } = options;
  const warnings: string[] = [];
  const compute = await createCompute({ kernel, threads, onWarning: (message) => warnings.push(message) });
  const { train, test } = digits();
  const learner = new BackpropNetwork(
    compute,
    {
      layers: [train.width, 200, 200],
      activations: ['identity', 'relu', 'hard-sigmoid'],
      dropout: [0.2, 0.2, 0.2],
      loss: 'mse',
      optimizer: 'sgd',
      learningRates: [0.5, 4],
    },
    seed,
  );
  const target = new SelfDefinedTarget({ outputs: 200, winners: 4, gamma: 0.2 });
  const training = { learner, data: train, target, epochs: 10, batchSize: 16, seed };
  for await (const _ of unsupervised({ ...training, schedule: { shape: 'linear', from: 1, to: 5e-4 } }));
  const association = await associate(learner, train);
  const { average } = await associationAccuracy(learner, association, test);
  const result = {
    weights: await digest([...learner.state().values()].map(({ data }) => data)),
    accuracy: average,
    kernel: compute.kernel,
    threads: compute.threads,
    warnings,
  };
  compute.dispose();
  return result;
}

/** SHA-256 of the bytes of all parameters. */
async function digest(parameters: ArrayBufferView[]): Promise<string> {
  const bytes = new Uint8Array(parameters.reduce((length, { byteLength }) => length + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parameters) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
