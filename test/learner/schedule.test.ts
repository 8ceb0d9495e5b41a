import { describe, expect, test } from 'vitest';
import { expectTensor, StateError, type TensorMap } from '../../src/learner/tensors.js';
import { scheduleFactor } from '../../src/learner/schedule.js';

describe('schedules', () => {
  test('a constant one is 1 in every epoch', () => {
    expect([0, 3, 9].map((epoch) => scheduleFactor({ shape: 'constant' }, epoch, 10))).toEqual([1, 1, 1]);
  });

  test('a linear one starts at its beginning and would reach its end after the last epoch', () => {
    const factors = [0, 1, 2, 3, 4].map((epoch) =>
      scheduleFactor({ shape: 'linear', from: 1, to: 0.2 }, epoch, 4),
    );
    [1, 0.8, 0.6, 0.4, 0.2].forEach((wanted, i) => expect(factors[i]).toBeCloseTo(wanted, 12));
  });

  test('a linear one may reach its end early, and stays there', () => {
    const schedule = { shape: 'linear', from: 1, to: 0.2, until: 0.5 } as const;
    const factors = [0, 1, 2, 3, 4, 7].map((epoch) => scheduleFactor(schedule, epoch, 8));
    [1, 0.8, 0.6, 0.4, 0.2, 0.2].forEach((wanted, i) => expect(factors[i]).toBeCloseTo(wanted, 12));
    const whole = scheduleFactor({ ...schedule, until: 1 }, 6, 8);
    expect(whole).toBe(scheduleFactor({ ...schedule, until: undefined }, 6, 8));
    expect(whole).toBeCloseTo(0.4, 12);
  });

  test('an exponential one multiplies after every epoch', () => {
    const factors = [0, 1, 2].map((epoch) => scheduleFactor({ shape: 'exponential', factor: 0.5 }, epoch, 9));
    expect(factors).toEqual([1, 0.5, 0.25]);
  });

  test('steps multiply once at each share of the run', () => {
    const steps = { shape: 'steps', factor: 0.5, milestones: [0.2, 0.5, 0.6] } as const;
    const factors = [0, 1, 2, 4, 5, 6, 9].map((epoch) => scheduleFactor(steps, epoch, 10));
    expect(factors).toEqual([1, 1, 0.5, 0.5, 0.25, 0.125, 0.125]);
  });
});

describe('a saved state', () => {
  const state: TensorMap = new Map([['layer1.bias', { shape: [3], data: Float32Array.of(1, 2, 3) }]]);

  test('gives the tensor that is asked for', () => {
    expect([...expectTensor(state, 'layer1.bias', [3]).data]).toEqual([1, 2, 3]);
  });

  test('that lacks it, or has another shape, is refused by name', () => {
    expect(() => expectTensor(state, 'layer2.bias', [3])).toThrow(StateError);
    expect(() => expectTensor(state, 'layer2.bias', [3])).toThrow(/layer2\.bias/);
    expect(() => expectTensor(state, 'layer1.bias', [4])).toThrow(/layer1\.bias.*\[3\].*\[4\]/);
  });
});
