import { associate, associationAccuracy, digits, SelfDefinedTarget, unsupervised } from 'selftarget';
import { Perceptron } from './perceptron.js';

/** Trains a perceptron on digits without their labels; answers what its neurons then make of them, in percent. */
export async function trainPerceptron(): Promise<number> {
  const { train, test } = digits();
  const learner = new Perceptron(64, 100, 0.04, 1);
  const target = new SelfDefinedTarget({ outputs: 100, winners: 4, gamma: 0.4 });
  const training = unsupervised({
    learner,
    target,
    data: train,
    epochs: 5,
    batchSize: 16,
    schedule: { shape: 'linear', from: 1, to: 0.01 },
    seed: 1,
  });
  for await (const event of training) if (event.kind === 'epoch') console.log(event.epoch, event.loss);
  const association = await associate(learner, train);
  return (await associationAccuracy(learner, association, test)).average;
}
