import { describe, expect, test } from 'vitest';
import type { Learner } from '../../src/learner/learner.js';
import { isOutputLoss } from '../../src/learner/rule.js';
import {
  AbilityError,
  expectAbilities,
  expectOptimiser,
  type LearnerTraits,
  traitsOf,
} from '../../src/learner/traits.js';
import { unlessAborted } from '../../src/learner/aborting.js';

const target = { write: () => undefined };
const loss = { gradient: () => 0 };

function learnerWith(traits?: Partial<LearnerTraits>): Learner {
  const all: LearnerTraits = {
    precision: 'f32',
    deterministic: true,
    optimisers: ['labelled', 'unlabelled'],
    maskRate: 0.5,
    givenGradient: true,
    itemWeights: true,
    ...traits,
  };
  const never = () => {
    throw new Error('not asked for');
  };
  return {
    inputs: 1,
    outputs: 1,
    traits: traits && all,
    predict: never,
    step: never,
    state: never,
    load: never,
  };
}

describe('traits', () => {
  test('of a learner that states none are those that promise nothing', () => {
    expect(traitsOf(learnerWith())).toEqual({
      precision: 'f64',
      deterministic: false,
      optimisers: undefined,
      maskRate: 0,
      givenGradient: false,
      itemWeights: false,
    });
    const learner = learnerWith({ maskRate: 0.25 });
    expect(traitsOf(learner)).toBe(learner.traits);
  });

  test('say which optimisers a learner has; the message says how to name one', () => {
    expect(() => expectAbilities(learnerWith({}), target, 'labelled')).not.toThrow();
    expect(() => expectAbilities(learnerWith({}), target, undefined)).not.toThrow();
    expect(() => expectAbilities(learnerWith(), target, 'any')).not.toThrow();
    const wrong = () => expectAbilities(learnerWith({}), target, 'client');
    expect(wrong).toThrow(AbilityError);
    expect(wrong).toThrow(
      'this learner has no optimiser "client", only "labelled", "unlabelled"; ' +
        'give its learning rates by name, such as { client: [0.1] }',
    );
    expect(() => expectOptimiser(['only'], 'only')).not.toThrow();
    expect(() => expectOptimiser(['only'], 'other')).toThrow(/no optimiser "other", only "only";/);
  });

  test('say whether it learns from a given gradient', () => {
    expect(() => expectAbilities(learnerWith({}), loss, undefined)).not.toThrow();
    const wrong = () => expectAbilities(learnerWith({ givenGradient: false }), loss, undefined);
    expect(wrong).toThrow(AbilityError);
    expect(wrong).toThrow(/takes targets only.*gradient of an output loss/);
    expect(() => expectAbilities(learnerWith(), loss, undefined)).toThrow(AbilityError);
    expect(new AbilityError('x').name).toBe('AbilityError');
  });

  test('a rule that writes gradients is an output loss', () => {
    expect([isOutputLoss(loss), isOutputLoss(target)]).toEqual([true, false]);
  });
});

describe('waiting unless aborted', () => {
  const later = <T>(value: T, ms = 5) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

  test('gives the result, or its error', async () => {
    const { signal } = new AbortController();
    const result = later(3);
    expect(unlessAborted(result, undefined)).toBe(result);
    expect(await unlessAborted(result, signal)).toBe(3);
    await expect(unlessAborted(Promise.reject(new Error('wrong')), signal)).rejects.toThrow('wrong');
  });

  test('ends with the reason of the signal, then or before', async () => {
    const reason = new Error('enough');
    await expect(unlessAborted(later(3, 1000), AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = unlessAborted(later(3, 1000), controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('leaves no error unhandled that comes too late', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const failing = () => later(0, 1).then(() => Promise.reject(new Error('late')));
    await expect(unlessAborted(failing(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    const controller = new AbortController();
    const waiting = unlessAborted(failing(), controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await later(0, 20);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await unlessAborted(later(1), signal);
    await later(0);
    expect(listeners).toBe(0);
  });
});
