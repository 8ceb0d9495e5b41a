/** The contract of rules (learner/rule.ts), as checks. */
import type { MaybePromise, Outputs, StepContext } from '../learner/learner.js';
import { Purpose, RandomStream } from '../learner/random.js';
import { isOutputLoss, type LearningRule } from '../learner/rule.js';
import { StateError } from '../learner/tensors.js';
import {
  type Check,
  changedState,
  copied,
  demand,
  demandSameState,
  difference,
  areFinite,
  misshapen,
  refusal,
} from './check.js';

export interface RuleContractOptions {
  /** Outputs of the learners that it is for (N). */
  readonly outputs: number;
  /** Items of the data that it is for; their indices are below this. 16 unless given. */
  readonly items?: number | undefined;
  /** Items in a step; 3 unless given. */
  readonly size?: number | undefined;
  /** Whether outputs may be masked; true unless given. */
  readonly masked?: boolean | undefined;
  /** Whether it is for any number of outputs, so that none is refused; false unless given. */
  readonly anyWidth?: boolean | undefined;
}

/** Makes a rule, always with the same settings. */
export type MakeRule = () => MaybePromise<LearningRule>;

/** p of the masks that rules are shown. */
const MASK_RATE = 0.25;

/** What no rule may read or write: memory around what it is given. */
const FOREIGN = 123456;

/** What a rule was shown and what it wrote. */
interface Written {
  readonly d: Float32Array;
  /** Weights of a target rule, the loss of an output loss. */
  readonly answer: Float32Array | number | undefined;
}

/**
 * Checks of what every rule owes the learners that ask it. Outputs are drawn in [0, 1), with ties.
 *
 * @param make makes a new rule; every check makes its own ones
 */
export function ruleContract(make: MakeRule, options: RuleContractOptions): Check[] {
  const { outputs, items = 16, size = 3, masked = true, anyWidth = false } = options;

  /** Outputs of step `step`, in the midst of other memory. */
  const outputsOf = (step: number, width = outputs, isMasked = masked): Outputs => {
    const random = new RandomStream(step, Purpose.view);
    const mask = isMasked
      ? surrounded(size * width, () => (random.uniform() < MASK_RATE ? 0 : 1))
      : undefined;
    const values = surrounded(size * width, (j) => (Math.floor(8 * random.uniform()) / 8) * (mask?.[j] ?? 1));
    return { size, width, values, mask, maskRate: mask ? MASK_RATE : undefined };
  };
  const contextOf = (step: number): StepContext => ({
    step,
    rate: 1,
    epoch: Math.floor(step / 4),
    indices: Uint32Array.from({ length: size }, (_, b) => (5 * step + b) % items),
    random: new RandomStream(1, Purpose.rule, step),
    signal: new AbortController().signal,
  });
  /** What `rule` writes in step `step`. */
  const write = async (
    rule: LearningRule,
    step: number,
    y = outputsOf(step),
    stale = NaN,
  ): Promise<Written> => {
    const d = surrounded(y.values.length, () => stale);
    const at = contextOf(step);
    const answer = isOutputLoss(rule) ? await rule.gradient(y, d, at) : await rule.write(y, d, at);
    demand(isUntouched(d), 'the rule wrote beyond its target');
    return { d: d.slice(), answer: answer instanceof Float32Array ? answer.slice() : (answer ?? undefined) };
  };
  const demandSame = (now: Written, wanted: Written, what: string) => {
    const apart = difference(now.d, wanted.d);
    demand(apart === 0, `${what}: what is written differs by up to ${apart}`);
    const [one, other] = [now, wanted].map(({ answer = [] }) =>
      typeof answer === 'number' ? [answer] : answer,
    );
    demand(difference(one, other) === 0, `${what}: the rule returns something else`);
  };

  const demands: Record<string, () => Promise<void>> = {
    'writes every value, whatever was there before': async () => {
      const written = await write(await make(), 0, outputsOf(0), NaN);
      demand(areFinite(written.d), 'a value is left as it was, or is not a finite number');
      demandSame(await write(await make(), 0, outputsOf(0), 7), written, 'over other content');
    },

    'writes the same for the same outputs and step': async () => {
      const [one, other] = [await make(), await make()];
      for (let step = 0; step < 4; step++) {
        demandSame(await write(one, step), await write(other, step), `in step ${step}`);
      }
    },

    'leaves the outputs as they are': async () => {
      const [y, before] = [outputsOf(0), outputsOf(0)];
      await write(await make(), 0, y);
      demand(difference(y.values, before.values) === 0, 'the rule changed the outputs');
      demand(difference(y.mask ?? [], before.mask ?? []) === 0, 'the rule changed the mask');
    },

    'reads nothing but the batch': async () => {
      const y = outputsOf(0);
      const alone = { ...y, values: y.values.slice(), mask: y.mask?.slice() };
      demandSame(
        await write(await make(), 0, alone),
        await write(await make(), 0, y),
        'without foreign memory',
      );
    },

    'takes outputs with and without a mask, and targets nothing that is dropped': async () => {
      await write(await make(), 0, outputsOf(0, outputs, false));
      const rule = await make();
      if (!masked || isOutputLoss(rule)) return;
      const y = outputsOf(0);
      const { d } = await write(rule, 0, y);
      const wrong = d.findIndex((v, j) => y.mask?.[j] === 0 && v !== 0);
      demand(wrong < 0, `an output that is dropped has the target ${d[wrong]}`);
    },

    'refuses outputs of another width': async () => {
      if (anyWidth) return;
      const rule = await make();
      await refusal(() => write(rule, 0, outputsOf(0, outputs + 1)), `outputs of width ${outputs + 1}`);
    },

    'returns weights of at least 0, one for every item, or the loss': async () => {
      const rule = await make();
      for (let step = 0; step < 3; step++) {
        const { answer } = await write(rule, step);
        if (isOutputLoss(rule)) {
          demand(typeof answer === 'number' && Number.isFinite(answer), `the loss is ${String(answer)}`);
        } else if (answer !== undefined) {
          demand(typeof answer !== 'number' && answer.length === size, 'it returns no weight for every item');
          demand(areFinite(answer) && answer.every((w) => w >= 0), 'a weight is not a number of at least 0');
        }
      }
    },

    'writes the gradient of the loss that it returns': async () => {
      if (!isOutputLoss(await make())) return;
      const y = outputsOf(0);
      const { d: gradient } = await write(await make(), 0, y);
      const lossAt = async (j: number, by: number) => {
        const values = y.values.slice();
        values[j] += by;
        return (await write(await make(), 0, { ...y, values })).answer as number;
      };
      const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      for (let j = 0; j < gradient.length; j++) {
        if (y.mask?.[j] === 0) continue;
        const by = 1 / 256;
        const slope = ((await lossAt(j, by)) - (await lossAt(j, -by))) / (2 * by);
        const apart = Math.abs(slope - gradient[j]);
        demand(
          apart <= 0.01 * largest + 1e-6,
          `by output ${j} the loss changes by ${slope}, but the gradient is ${gradient[j]}`,
        );
      }
    },

    'forgets everything when it is reset': async () => {
      const rule = await make();
      if (!rule.reset) return;
      for (let step = 0; step < 3; step++) await write(rule, step);
      await rule.reset();
      demandSame(await write(rule, 5), await write(await make(), 5), 'after reset');
    },

    'takes a state, gives it back and resumes from it': async () => {
      const [straight, resumed] = [await make(), await make()];
      demand(
        (straight.state === undefined) === (straight.load === undefined),
        'a rule needs both of state and load, or neither',
      );
      if (!straight.state || !resumed.load || !resumed.state) return;
      for (let step = 0; step < 3; step++) await write(straight, step);
      const saved = await straight.state();
      const kept = copied(saved);
      await write(resumed, 9);
      await resumed.load(saved);
      demandSameState(await resumed.state(), kept, 0, 'after loading');
      for (let step = 3; step < 6; step++) {
        demandSame(
          await write(resumed, step),
          await write(straight, step),
          `in step ${step}, after resuming`,
        );
      }
      demandSameState(saved, kept, 0, 'the saved state, after further steps');
    },

    'refuses a state that does not fit, and takes nothing of it': async () => {
      const rule = await make();
      if (!rule.state || !rule.load) return;
      for (let step = 0; step < 3; step++) await write(rule, step);
      const before = await rule.state();
      if (before.size === 0) return;
      const other = changedState(before, ({ shape, data }) => ({ shape, data: data.map((v) => v + 1) }));
      const wrong = [new Map()];
      for (const [name] of before) {
        wrong.push(changedState(other, (tensor, of) => (of === name ? undefined : tensor)));
        wrong.push(changedState(other, (tensor, of) => (of === name ? misshapen(tensor) : tensor)));
      }
      for (const state of wrong) {
        const error = await refusal(() => rule.load?.(state), 'a state that does not fit');
        demand(error instanceof StateError, `it must be refused with a StateError, not ${String(error)}`);
        demandSameState(await rule.state(), before, 0, 'after a state that does not fit');
      }
    },

    'describes itself as JSON, with a kind': async () => {
      const described = (await make()).describe?.();
      if (described === undefined) return;
      demand(typeof described.kind === 'string' && described.kind !== '', 'the description has no kind');
      demand(isJson(described), 'the description does not survive JSON');
    },
  };
  return Object.entries(demands).map(([name, run]) => ({ name, run }));
}

/** Values in the midst of memory that belongs to others. */
function surrounded(length: number, value: (j: number) => number): Float32Array {
  const all = new Float32Array(length + 32).fill(FOREIGN);
  const own = all.subarray(16, 16 + length);
  for (let j = 0; j < length; j++) own[j] = value(j);
  return own;
}

function isUntouched(own: Float32Array): boolean {
  const all = new Float32Array(own.buffer);
  return [...all.subarray(0, 16), ...all.subarray(16 + own.length)].every((value) => value === FOREIGN);
}

/** Whether a value is the same after a way through JSON. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson);
}
