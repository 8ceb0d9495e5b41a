/** The self-defined target in the command: its settings and checks. */
import { z } from 'zod';
import { SelfDefinedTarget } from '../../target/index.js';
import type { RuleEntry } from '../entry.js';
import { atLeastZero, smoothing, whole } from '../fields.js';

const selfDefinedTarget = z
  .strictObject({
    winners: whole(1).describe('k: winners per item.'),
    gamma: atLeastZero.describe(
      'Strength of homeostasis: how fast it follows the activity; 0 switches it off.',
    ),
    eta: z
      .number('must be a number')
      .gt(0, 'must be above 0')
      .max(1, 'must be at most 1')
      .default(0.6)
      .describe("Weight of the newest item in the sequential mode's running activity."),
    smoothing: smoothing.default(0).describe('Smoothing of the target.'),
    mode: z
      .enum(['batch', 'sequential'])
      .optional()
      .describe(
        'Average activity over a batch, or over time with one item per step; by default batchSize decides.',
      ),
  })
  .describe('The self-defined target (docs/explanation/method.md).');

declare module '../runConfig.js' {
  interface Sections {
    /** The self-defined target (docs/explanation/method.md). */
    readonly target?: z.infer<typeof selfDefinedTarget> | undefined;
  }
}

export const selfDefined: RuleEntry = {
  name: 'self-defined',
  sections: { target: selfDefinedTarget },
  *problems({ regime, layers, target, batchSize }) {
    const outputs = layers[layers.length - 1];
    if (!target) {
      yield `target: is missing; the regime "${regime}" needs at least target.winners and target.gamma`;
      return;
    }
    if (target.winners > outputs) {
      yield `target.winners: ${target.winners} winners cannot be chosen among ${outputs} outputs; at most ${outputs}`;
    }
    if (target.mode === 'sequential' && batchSize !== 1) {
      yield `target.mode: sequential takes one item a step; set batchSize to 1, not ${batchSize}`;
    }
  },
  complete: ({ target, batchSize }) =>
    target && { target: { ...target, mode: target.mode ?? (batchSize === 1 ? 'sequential' : 'batch') } },
  build({ target }, { outputs }) {
    if (!target) throw new TypeError('the self-defined target needs its settings');
    return new SelfDefinedTarget({ ...target, outputs });
  },
  winners: ({ target }) => target?.winners,
};
