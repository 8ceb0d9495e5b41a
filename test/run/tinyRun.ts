/** A run that takes milliseconds, and ways to carry it out and look at it. */
import { readFileSync } from 'node:fs';
import { checkConfig, type RunConfig } from '../../src/run/config.js';
import type { RunEvent } from '../../src/run/events.js';
import { findPreset, type Settings } from '../../src/run/presets.js';
import { runFiles } from '../../src/run/runFolder.js';
import { mergeSettings } from '../../src/run/settings.js';
import { type TrainOptions, train } from '../../src/run/train.js';

const tiny: Settings = {
  limit: { train: 200, test: 100 },
  layers: [64, 20, 40],
  learningRates: [0.5, 1],
  activations: ['identity', 'relu', 'hard-sigmoid'],
  dropout: [0.1, 0.1, 0.2],
  epochs: 3,
  batchSize: 16,
  target: { winners: 2, gamma: 0.4 },
  classifier: { epochs: 2 },
  readout: { labels: '50%', evaluate: 'every', untrained: 'association' },
};

export function tinyConfig(over: Settings = {}): RunConfig {
  return checkConfig(mergeSettings(mergeSettings(findPreset('digits').settings, tiny), over));
}

export function tinySupervised(over: Settings = {}): RunConfig {
  return tinyConfig({ regime: 'supervised', target: null, classifier: null, ...over });
}

export function tinySemiSupervised(over: Settings = {}): RunConfig {
  return tinyConfig(
    mergeSettings(
      {
        ...{ regime: 'semi-supervised', classifier: null, loss: 'cross-entropy', optimizer: 'adam' },
        ...{ layers: [64, 20, 10], activations: ['identity', 'relu', 'identity'], dropout: [0.1, 0.1, 0] },
        ...{ learningRates: [0.002, 0.002], target: { winners: 1 } },
        semi: { labels: 30, pretrainEpochs: 2, labelledBatchSize: 8 },
      },
      over,
    ),
  );
}

export function tinyConvolutional(over: Settings = {}): RunConfig {
  return tinyConfig({
    ...{ layers: [40], learningRates: [0.001, 0.001, 0.003], dropout: [0.1, 0.2], optimizer: 'adam' },
    activations: ['identity', 'relu', 'wta', 'identity'],
    conv: { image: [8, 8], channels: [1, 6, 9], pool: 'max', prune: 0.3 },
    ...over,
  });
}

/** Carries a call out and answers all its events. */
export async function carryOut(
  options: TrainOptions,
  onEvent?: (event: RunEvent, count: number) => void,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of train({ threads: 1, ...options })) {
    events.push(event);
    onEvent?.(event, events.length);
  }
  return events;
}

/** The events of a union that may have this name. */
type Named<E extends RunEvent, N> = E extends RunEvent ? (N extends E['event'] ? E : never) : never;

/** The only event of that kind, or the last. */
export function last<N extends RunEvent['event']>(events: readonly RunEvent[], name: N): Named<RunEvent, N> {
  const found = events.findLast((event) => event.event === name);
  if (!found) throw new Error(`no ${name} event`);
  return found as Named<RunEvent, N>;
}

export interface Result {
  readonly model: Buffer;
  /** Of the log's epoch events, what must not depend on time. */
  readonly epochs: readonly unknown[];
}

export function resultOf(folder: string): Result {
  return {
    model: readFileSync(runFiles(folder).model),
    epochs: logOf(folder).flatMap((entry) => {
      if (entry.event !== 'epoch') return [];
      const { epoch, loss, rate, accuracy } = entry;
      return [{ epoch, loss, rate, accuracy }];
    }),
  };
}

export function logOf(folder: string): RunEvent[] {
  const lines = readFileSync(runFiles(folder).log, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RunEvent);
}

/** A signal that is aborted once it has been looked at `looks` times: training looks once a step. */
export function abortedAfter(looks: number): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let left = looks;
  const look = () => {
    if (left-- <= 0 && !controller.signal.aborted) controller.abort();
  };
  return new Proxy(signal, {
    get(target, property) {
      if (property === 'aborted' || property === 'throwIfAborted') look();
      const value = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
