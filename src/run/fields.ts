/** The kinds of values that settings have, with messages that say what is allowed. */
import { z } from 'zod';

export const whole = (least: number) =>
  z.int(`must be a whole number`).min(least, `must be at least ${least}`);
export const atLeastZero = z.number('must be a number').min(0, 'must be at least 0');
export const rate = z.number('must be a number').min(0, 'a learning rate must be at least 0');
export const dropout = z
  .number('must be a number')
  .min(0, 'dropout must be at least 0')
  .lt(1, 'dropout must be below 1: at 1 nothing would be left');
export const smoothing = z.number('must be a number').min(0, 'must be at least 0').lt(1, 'must be below 1');

/** The factor on all learning rates over the run; see learner/schedule.ts. */
export const schedule = z.discriminatedUnion(
  'shape',
  [
    z.strictObject({ shape: z.literal('constant').describe('Always 1.') }),
    z.strictObject({
      shape: z.literal('linear').describe('A straight line, constant after its end.'),
      from: atLeastZero.describe('Factor in the first epoch.'),
      to: atLeastZero.describe('Factor at the end.'),
      until: z
        .number('must be a number')
        .gt(0, 'must be above 0')
        .optional()
        .describe('Share of the run after which `to` is reached; 1 by default.'),
    }),
    z.strictObject({
      shape: z.literal('exponential').describe('Multiplied by `factor` after each epoch.'),
      factor: atLeastZero.describe('For one epoch.'),
    }),
    z.strictObject({
      shape: z.literal('steps').describe('Multiplied by `factor` at each milestone.'),
      factor: atLeastZero.describe('For one milestone.'),
      milestones: z.array(atLeastZero).describe('Shares of the run, from 0 to 1.'),
    }),
  ],
  'needs a shape: constant, linear (with from, to, until), exponential (with factor) or steps (with factor, milestones)',
);
