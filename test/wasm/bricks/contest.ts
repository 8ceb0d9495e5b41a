import { expect } from 'vitest';
import type { Batch, Learner } from '../../../src/learner/learner.js';
import type { TargetRule } from '../../../src/learner/rule.js';
import { SelfDefinedTarget } from '../../../src/target/index.js';

/** That in every training step a learner's own contest ends as one by the values that it shows, to the bit. */
export async function expectFairContest(learner: Learner, batches: readonly Batch[]): Promise<void> {
  const options = { outputs: learner.outputs, winners: 3, gamma: 0.5, smoothing: 0.3 };
  const [own, other] = [new SelfDefinedTarget(options), new SelfDefinedTarget(options)];
  const write: TargetRule['write'] = (y, d) => {
    expect(y.offers?.selectLargest).toBeDefined();
    const wanted = new Float32Array(d.length).fill(7);
    void other.write({ ...y, offers: undefined }, wanted);
    void own.write(y, d);
    expect(d).toEqual(wanted);
    expect(own.homeostasis).toEqual(other.homeostasis);
  };
  for (const [step, x] of batches.entries()) await learner.step(x, { write }, { step, rate: 0.1 });
}
