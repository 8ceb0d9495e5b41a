import { describe, test } from 'vitest';
import { RandomStream } from '../../src/learner/random.js';
import type { OutputLoss, TargetRule } from '../../src/learner/rule.js';
import { LabelTarget, SelfDefinedTarget } from '../../src/target/index.js';
import { type MakeRule, type RuleContractOptions, ruleContract } from '../../src/testing/index.js';

const labels = Int32Array.from({ length: 16 }, (_, i) => i % 3);

/** Targets of 0.5 for what is kept; items count as much as their strongest output, and now and then one not at all. */
const weighing: TargetRule = {
  write({ size, width, values, mask }, d, { random = new RandomStream(0, 6) }) {
    for (let j = 0; j < d.length; j++) d[j] = 0.5 * (mask?.[j] ?? 1);
    return Float32Array.from({ length: size }, (_, b) =>
      random.below(4) === 0 ? 0 : Math.max(0, ...values.subarray(b * width, (b + 1) * width)),
    );
  },
};

/** Half of the mean square distance to 0.25. */
const pulling: OutputLoss = {
  async gradient({ values }, gradient) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    let loss = 0;
    for (const [j, y] of values.entries()) {
      loss += (y - 0.25) ** 2 / (2 * values.length);
      gradient[j] = (y - 0.25) / values.length;
    }
    return loss;
  },
  describe: () => ({ kind: 'pulling', to: 0.25 }),
};

const rules: Record<string, [MakeRule, RuleContractOptions]> = {
  'the target of labels': [() => new LabelTarget(labels, 3, 0.2), { outputs: 6 }],
  'the self-defined target': [
    () => new SelfDefinedTarget({ outputs: 12, winners: 3, gamma: 0.5, smoothing: 0.3 }),
    { outputs: 12 },
  ],
  'the self-defined target, one item a step': [
    () => new SelfDefinedTarget({ outputs: 12, winners: 3, gamma: 0.5, eta: 0.6, mode: 'sequential' }),
    { outputs: 12, size: 1 },
  ],
  'a target with weights': [() => weighing, { outputs: 5, anyWidth: true }],
  'a loss that answers later': [() => pulling, { outputs: 5, anyWidth: true }],
};

describe.each(Object.entries(rules))('%s keeps the contract of rules', (_, [make, options]) => {
  for (const { name, run } of ruleContract(make, options)) test(name, run);
});
