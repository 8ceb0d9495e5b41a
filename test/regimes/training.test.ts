/** The loop that all regimes share, by itself: phases, passes, what is told of them, and how it gives way. */
import { describe, expect, test } from 'vitest';
import type { Augmentation } from '../../src/data/augmentation.js';
import { bytesDataSet, DataError } from '../../src/data/dataSet.js';
import type { Batch, Learner, StepContext, StepReport } from '../../src/learner/learner.js';
import { Purpose, RandomStream } from '../../src/learner/random.js';
import type { LearningRule, OutputLoss, TargetRule } from '../../src/learner/rule.js';
import type { Schedule } from '../../src/learner/schedule.js';
import { AbilityError } from '../../src/learner/traits.js';
import {
  type Pass,
  type Phase,
  type TrainEvent,
  type TrainingBasics,
  trainPhases,
} from '../../src/regimes/index.js';
import { numbered, TableLearner } from './fakes.js';

const constant = { shape: 'constant' } as const;
const zeros: TargetRule = { write: (_, d) => void d.fill(0) };

/** A learner that answers at once and keeps what it was shown. */
class Recorder implements Learner {
  readonly inputs: number;
  readonly outputs = 1;
  readonly seen: { values: number[]; at: StepContext; bytes: number[] | undefined }[] = [];

  constructor(inputs = 1) {
    this.inputs = inputs;
  }

  predict(x: Batch) {
    return { size: x.size, width: 1, values: new Float32Array(x.size) };
  }

  step(x: Batch, _: LearningRule, at: StepContext): StepReport | Promise<StepReport> {
    const bytes = x.bytes && [...x.bytes.values];
    this.seen.push({ bytes, values: [...x.values], at });
    return { loss: 1 };
  }

  state() {
    return new Map();
  }

  load() {}
}

const itemsOf = (values: readonly number[]) => values.map((v) => Math.round(v * 256));
const items = (count: number) => numbered(new Array<number>(count).fill(0), 1);

function passOf(changes: Partial<Pass> = {}): Pass {
  return { data: items(8), batchSize: 4, rule: zeros, schedule: constant, ...changes };
}

async function run(
  basics: Partial<TrainingBasics> & Pick<TrainingBasics, 'learner'>,
  phases: readonly Phase[],
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of trainPhases({ seed: 1, ...basics }, phases)) events.push(event);
  return events;
}

describe('phases', () => {
  test('run their passes in turn, each by its name, and events count over all of them', async () => {
    const learner = new Recorder();
    const phases: Phase[] = [
      { epochs: 1, passes: [passOf({ name: 'warm-up', batchSize: 8 })] },
      { epochs: 0, passes: [passOf({ name: 'never' })] },
      {
        epochs: 2,
        passes: [
          passOf({ name: 'first', optimiser: 'a', schedule: { shape: 'linear', from: 1, to: 0 } }),
          passOf({ name: 'second', data: items(3) }),
          passOf({ batchSize: 8 }),
        ],
      },
    ];
    const events = await run({ learner }, phases);
    const brief = events.map((e) =>
      e.kind === 'step' ? `${e.pass} ${e.epoch}:${e.step}/${e.steps} x${e.items}` : `${e.kind} ${e.epoch}`,
    );
    const epoch = (e: number) => [
      ...[`first ${e}:1/4 x4`, `first ${e}:2/4 x4`, `pass ${e}`, `second ${e}:3/4 x3`, `pass ${e}`],
      ...[`undefined ${e}:4/4 x8`, `epoch ${e}`],
    ];
    expect(brief).toEqual(['warm-up 1:1/1 x8', 'epoch 1', ...epoch(2), ...epoch(3)]);
    expect(events.flatMap((e) => (e.kind === 'pass' ? [e.pass] : []))).toEqual([
      'first',
      'second',
      'first',
      'second',
    ]);
    expect(learner.seen.map(({ at }) => at.step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(learner.seen.map(({ at }) => at.epoch)).toEqual([0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(learner.seen.map(({ at }) => at.optimiser)).toEqual(
      [0, 1, 1, 0, 0, 1, 1, 0, 0].map((a) => (a ? 'a' : undefined)),
    );
    // Over the epochs of the phase, not of the run.
    expect(learner.seen.map(({ at }) => at.rate)).toEqual([1, 1, 1, 1, 1, 0.5, 0.5, 1, 1]);
  });

  test('visit the items in an order that neither a pass nor an epoch nor a phase shares with another', async () => {
    const learner = new Recorder();
    const pass = passOf({ data: items(40), batchSize: 40 });
    const phases = [
      { epochs: 3, passes: [pass] },
      { epochs: 3, passes: [pass, pass] },
      { epochs: 2, passes: [pass, pass, pass] },
    ];
    await run({ learner }, phases);
    const orders = learner.seen.map(({ values }) => itemsOf(values));
    expect(orders.length).toBe(15);
    expect(new Set(orders.map((order) => order.join())).size).toBe(15);
    for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual([...Array(40).keys()]);
    const again = new Recorder();
    await run({ learner: again }, phases);
    expect(again.seen.map(({ values }) => itemsOf(values))).toEqual(orders);
    const other = new Recorder();
    await run({ learner: other, seed: 2 }, phases);
    expect(itemsOf(other.seen[0].values)).not.toEqual(orders[0]);
  });

  test('tell a step which items it has, and give its rule a random stream that gets on', async () => {
    const learner = new Recorder();
    const draws: number[][] = [];
    const beforeStep = (_: Batch, at: StepContext) => {
      draws.push([at.random?.word() ?? 0, at.random?.word() ?? 0]);
    };
    await run({ learner, seed: 5 }, [{ epochs: 2, passes: [passOf({ beforeStep })] }]);
    for (const { values, at } of learner.seen) expect([...(at.indices ?? [])]).toEqual(itemsOf(values));
    const wanted = [0, 1, 2, 3].map((step) => {
      const stream = new RandomStream(5, Purpose.rule, step);
      return [stream.word(), stream.word()];
    });
    expect(draws).toEqual(wanted);
  });

  test('begin every pass once, also a resumed one unless it was under way', async () => {
    const begun = async (from?: { epoch: number; step: number }) => {
      const log: string[] = [];
      const of = (name: string) =>
        passOf({
          name,
          begin: async () => void log.push(name),
          afterStep: async (epoch, epochs, { loss }) => void log.push(`${epoch}/${epochs} ${loss}`),
        });
      await run({ learner: new Recorder(), from }, [{ epochs: 2, passes: [of('a'), of('b')] }]);
      return log;
    };
    const epoch = (e: number) => ['a', `${e}/2 1`, `${e}/2 1`, 'b', `${e}/2 1`, `${e}/2 1`];
    expect(await begun()).toEqual([...epoch(0), ...epoch(1)]);
    expect(await begun({ epoch: 0, step: 1 })).toEqual([...epoch(0).slice(2), ...epoch(1)]);
    expect(await begun({ epoch: 0, step: 2 })).toEqual([...epoch(0).slice(3), ...epoch(1)]);
    expect(await begun({ epoch: 1, step: 0 })).toEqual(epoch(1));
    expect(await begun({ epoch: 1, step: 3 })).toEqual(['1/2 1']);
  });

  test('resumed tell of the steps that are left, with the mean of their losses', async () => {
    class Counting extends Recorder {
      override step(x: Batch, rule: LearningRule, at: StepContext) {
        void super.step(x, rule, at);
        return { loss: at.step };
      }
    }
    const pass = passOf();
    const phases = [
      { epochs: 1, passes: [pass] },
      { epochs: 2, passes: [pass, pass] },
    ];
    const whole = await run({ learner: new Counting() }, phases);
    const learner = new Counting();
    const rest = await run({ learner, from: { epoch: 1, step: 3 } }, phases);
    expect(learner.seen.map(({ at }) => at.step)).toEqual([5, 6, 7, 8, 9]);
    const last = whole.findIndex((e) => e.kind === 'step' && e.epoch === 2 && e.step === 4);
    const later = whole.slice(last).map((e) => (e.kind === 'epoch' && e.epoch === 2 ? { ...e, loss: 5 } : e));
    expect(rest).toEqual(later);
    const losses = whole.flatMap((e) => (e.kind === 'epoch' ? [e.loss] : []));
    expect(losses).toEqual([0.5, 3.5, 7.5]);
    expect((await run({ learner: new Counting(), from: { epoch: 3, step: 0 } }, phases)).length).toBe(0);
  });

  test('resumed at the end of a pass tell of it: nobody may have seen it', async () => {
    const phases = [{ epochs: 1, passes: [passOf({ name: 'a' }), passOf({ name: 'b' })] }];
    const kinds = async (step: number) =>
      (await run({ learner: new Recorder(), from: { epoch: 0, step } }, phases)).map(({ kind }) => kind);
    expect(await kinds(1)).toEqual(['step', 'pass', 'step', 'step', 'epoch']);
    expect(await kinds(2)).toEqual(['pass', 'step', 'step', 'epoch']);
    expect(await kinds(3)).toEqual(['step', 'epoch']);
    expect(await kinds(4)).toEqual(['epoch']);
  });
});

describe('augmentation', () => {
  const images = bytesDataSet({
    name: 'images',
    bytes: Uint8Array.from({ length: 24 }, (_, i) => 10 * i),
    shape: [1, 3, 1],
    labels: new Int32Array(8),
    classes: ['only'],
  });
  const augmented = async (augment: Augmentation, changes: Partial<Pass> = {}) => {
    const learner = new Recorder(3);
    await run({ learner, augment }, [{ epochs: 1, passes: [passOf({ data: images, ...changes })] }]);
    return learner.seen;
  };

  test('is told of the items, their shape, the step and a random stream of the step alone', async () => {
    const told: unknown[] = [];
    const seen = await augmented((batch, { shape, indices, step, random }) => {
      told.push([batch.size, [...shape], [...indices], step, random.word()]);
    });
    expect(told).toEqual(
      [0, 1].map((step) => [
        ...[4, [1, 3, 1], [...(seen[step].at.indices ?? [])], step],
        new RandomStream(1, Purpose.augment, step).word(),
      ]),
    );
  });

  test('in place changes bytes, or values, of which the learner sees no bytes any more', async () => {
    const plain = await augmented(() => undefined);
    const bytes = await augmented((batch) => void batch.bytes?.values.fill(255));
    expect(bytes.map((s) => [s.bytes, s.values])).toEqual(
      [0, 1].map(() => [new Array(12).fill(255), new Array(12).fill(1)]),
    );
    const values = await augmented((batch) => {
      for (let j = 0; j < batch.values.length; j++) batch.values[j] /= 2;
    });
    values.forEach((s, i) => {
      expect(s.bytes).toBeUndefined();
      expect(s.values).toEqual(plain[i].values.map((v) => v / 2));
    });
    // The data are as they were.
    expect(await augmented(() => undefined)).toEqual(plain);
  });

  test('may return another batch, and may take its time', async () => {
    const now = await augmented(({ size, width }) => ({
      size,
      width,
      values: new Float32Array(size * width).fill(0.5),
    }));
    const later = await augmented(async ({ size, width }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { size, width, values: new Float32Array(size * width).fill(0.5) };
    });
    for (const seen of [now, later]) expect(seen.flatMap((s) => s.values)).toEqual(new Array(24).fill(0.5));
    const inPlace = await augmented(async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      batch.values.fill(0.25);
    });
    expect(inPlace.flatMap((s) => s.values)).toEqual(new Array(24).fill(0.25));
  });

  test("of a pass goes before the run's", async () => {
    const seen = await augmented((batch) => void batch.values.fill(0.5), {
      augment: (batch) => void batch.values.fill(0.25),
    });
    expect(seen.flatMap((s) => s.values)).toEqual(new Array(24).fill(0.25));
  });
});

describe('an aborted signal', () => {
  /** Milliseconds from the abort to the end of training, whose events are counted. */
  async function ending(learner: Learner, changes: Partial<Pass> = {}, after = 60) {
    const controller = new AbortController();
    let aborted = 0;
    setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, after);
    const phases = [{ epochs: 1e6, passes: [passOf(changes)] }];
    const events: string[] = [];
    for await (const { kind } of trainPhases({ learner, seed: 1, signal: controller.signal }, phases)) {
      if (events.length < 10) events.push(kind);
    }
    return { events, took: performance.now() - aborted, aborted };
  }
  const never = <T>() => new Promise<T>(() => undefined);

  test('ends training that never waits within 100 ms, while timers have their turn', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const { took, aborted, events } = await ending(new Recorder(), {}, 400);
    clearInterval(timer);
    expect(aborted).toBeGreaterThan(0);
    expect(events.length).toBe(10);
    expect(took).toBeLessThan(100);
    // One for each time that the loop gives way, every 30 ms; the machine may be busy.
    expect(ticks).toBeGreaterThan(4);
  });

  class Hanging extends Recorder {
    override step(): Promise<StepReport> {
      return never();
    }
  }

  test.each<[string, Learner, Partial<Pass>]>([
    ['a step', new Hanging(), {}],
    ['what comes before a step', new Recorder(), { beforeStep: () => never() }],
    ['an augmentation', new Recorder(), { augment: () => never() }],
    ['the beginning of a pass', new Recorder(), { begin: () => never() }],
  ])('ends training where %s hangs', async (_, learner, changes) => {
    const { took, events, aborted } = await ending(learner, changes, 20);
    expect(aborted).toBeGreaterThan(0);
    expect(events).toEqual([]);
    expect(took).toBeLessThan(100);
  });

  test('may be a timeout', async () => {
    const start = performance.now();
    const phases = [{ epochs: 1e6, passes: [passOf()] }];
    const signal = AbortSignal.timeout(50);
    for await (const _ of trainPhases({ learner: new Recorder(), seed: 1, signal }, phases));
    expect(signal.aborted).toBe(true);
    expect(performance.now() - start).toBeLessThan(50 + 100 + 50);
  });

  test('reaches the learner, whose own refusal to go on is no error', async () => {
    class Remote extends Recorder {
      override step(_x: Batch, _rule: LearningRule, { signal }: StepContext): Promise<StepReport> {
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
        });
      }
    }
    const { took } = await ending(new Remote(), {}, 20);
    expect(took).toBeLessThan(100);
  });

  test('does not hide an error that has another cause', async () => {
    class Failing extends Recorder {
      override async step(_x: Batch, _rule: LearningRule, { signal }: StepContext): Promise<StepReport> {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (signal?.aborted) throw new Error('not aborted');
        throw new Error('the learner is broken');
      }
    }
    await expect(ending(new Failing())).rejects.toThrow('the learner is broken');
    class Late extends Recorder {
      override step(): StepReport {
        throw new Error('in a step after the abort');
      }
    }
    const controller = new AbortController();
    const beforeStep = () => controller.abort();
    const training = run({ learner: new Late(), signal: controller.signal }, [
      { epochs: 1, passes: [passOf({ beforeStep })] },
    ]);
    await expect(training).rejects.toThrow('in a step after the abort');
  });

  test('waits for what comes after a step that is done', async () => {
    const controller = new AbortController();
    let isDone = false;
    const afterStep = async () => {
      controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      isDone = true;
    };
    const events = await run({ learner: new Recorder(), signal: controller.signal }, [
      { epochs: 1, passes: [passOf({ afterStep })] },
    ]);
    expect(isDone).toBe(true);
    expect(events.map(({ kind }) => kind)).toEqual(['step']);
  });
});

describe('before the first step', () => {
  const start = (basics: Partial<TrainingBasics>, changes: Partial<Pass> = {}, epochs = 1) => {
    const learner = new Recorder();
    const training = run({ learner, ...basics }, [
      { epochs: 1, passes: [passOf()] },
      { epochs, passes: [passOf(), passOf(changes)] },
    ]);
    return training.finally(() => expect(learner.seen.length).toBe(0));
  };

  test.each<[string, Partial<TrainingBasics>, RegExp]>([
    ['a seed below 0', { seed: -1 }, /^seed must be a whole number from 0 to 2\^53 - 1, not -1$/],
    ['half a seed', { seed: 0.5 }, /seed.*not 0\.5/],
    ['a seed beyond 2^53', { seed: 2 ** 53 }, /seed/],
    ['a seed that is no number', { seed: NaN }, /seed.*NaN/],
    [
      'a position in half an epoch',
      { from: { epoch: 0.5, step: 0 } },
      /^from\.epoch must be.*at least 0, not 0\.5$/,
    ],
    [
      'a position before the start',
      { from: { epoch: 0, step: -1 } },
      /^from\.step must be.*at least 0, not -1$/,
    ],
  ])('%s is refused', async (_, basics, message) => {
    await expect(start(basics)).rejects.toThrow(message);
    await expect(start(basics)).rejects.toThrow(RangeError);
  });

  test.each([-1, 1.5, NaN, Infinity])('%f epochs are refused', async (epochs) => {
    await expect(start({}, {}, epochs)).rejects.toThrow(
      `epochs must be a whole number of at least 0, not ${epochs}`,
    );
  });

  test.each([0, -4, 1.5, NaN, Infinity])('a batch size of %f is refused', async (batchSize) => {
    await expect(start({}, { batchSize })).rejects.toThrow(
      `the batch size must be a whole number of at least 1, not ${batchSize}`,
    );
  });

  test.each<[Schedule, string]>([
    [{ shape: 'linear', from: -0.1, to: 1 }, '-0.1'],
    [{ shape: 'linear', from: 1, to: NaN }, 'NaN'],
    [{ shape: 'exponential', factor: Infinity }, 'Infinity'],
    [{ shape: 'steps', factor: -2, milestones: [0.5] }, '-2'],
  ])('the schedule %j is refused', async (schedule, factor) => {
    await expect(start({}, { schedule })).rejects.toThrow(
      `a schedule's factors must be numbers of at least 0, not ${factor}`,
    );
  });

  test('a schedule that ends at 0 is not refused', async () => {
    const schedules: Schedule[] = [
      { shape: 'linear', from: 0, to: 0 },
      { shape: 'exponential', factor: 0 },
      { shape: 'steps', factor: 0, milestones: [0.5] },
    ];
    for (const schedule of schedules) {
      await run({ learner: new Recorder() }, [{ epochs: 1, passes: [passOf({ schedule })] }]);
    }
  });

  test('items of another width are refused with both widths and the shape', async () => {
    const data = bytesDataSet({
      name: 'images',
      bytes: new Uint8Array(12),
      shape: [2, 3, 1],
      labels: new Int32Array(2),
      classes: ['only'],
    });
    const training = start({}, { data });
    await expect(training).rejects.toThrow(
      'images: items have 6 values (2 x 3 x 1), but the learner takes 1',
    );
    await expect(start({}, { data })).rejects.toThrow(DataError);
  });

  test('no items are refused', async () => {
    await expect(start({}, { data: items(0) })).rejects.toThrow('numbered: there are no items to train on');
    await expect(start({}, { data: items(0) })).rejects.toThrow(DataError);
  });

  test('what the learner cannot do is refused', async () => {
    const loss: OutputLoss = { gradient: () => 0 };
    await expect(start({}, { rule: loss })).rejects.toThrow(
      'this learner takes targets only; it cannot learn from the gradient of an output loss',
    );
    await expect(start({}, { rule: loss })).rejects.toThrow(AbilityError);
    class Stating extends Recorder {
      readonly traits = {
        precision: 'f64',
        deterministic: true,
        optimisers: ['default', 'other'],
        maskRate: 0,
        givenGradient: true,
        itemWeights: false,
      } as const;
    }
    const learner = new Stating();
    await expect(start({ learner }, { optimiser: 'labelled' })).rejects.toThrow(
      'this learner has no optimiser "labelled", only "default", "other"; ' +
        'give its learning rates by name, such as { labelled: [0.1] }',
    );
    await expect(start({ learner }, { optimiser: 'labelled' })).rejects.toThrow(AbilityError);
    // Both are known to it, and any name to a learner that says nothing.
    await run({ learner }, [{ epochs: 1, passes: [passOf({ rule: loss, optimiser: 'other' })] }]);
    await run({ learner: new Recorder() }, [{ epochs: 1, passes: [passOf({ optimiser: 'labelled' })] }]);
  });
});

test('a rule that writes later trains a learner that waits for it', async () => {
  const learner = new TableLearner([[1], [2], [3]]);
  const rule: TargetRule = {
    async write({ values }, d) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      d.set(values.map((v) => 10 * v));
    },
  };
  await run({ learner }, [{ epochs: 1, passes: [passOf({ data: items(3), batchSize: 2, rule })] }]);
  for (const step of learner.steps) expect(step.target).toEqual(step.items.map((i) => 10 * (i + 1)));
});
