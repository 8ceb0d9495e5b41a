/**
 * What is wrong with a trained network, found from its readouts. A run may end without an error and still have learned
 * nothing; a user should not have to find that out from a chart.
 */
import type { ClassResult } from '../readout/index.js';
import { proportionDistance, wilsonInterval } from '../statistics/index.js';
import type { RunConfig } from './config.js';
import { regimeCalled } from './registry.js';
import type { Accuracy } from './events.js';

/** What a finding rests on; what was not measured is absent, and nothing is found from it. */
export interface Evidence {
  readonly regime: RunConfig['regime'];
  /** Of homeostasis; 0 without a self-defined target. */
  readonly gamma: number;
  readonly accuracy: Accuracy;
  readonly untrained: Accuracy;
  /** Of a semi-supervised run, what its labels alone gave. */
  readonly pretrained?: Accuracy | undefined;
  readonly byClass?: readonly ClassResult[] | undefined;
  /** Labelled test items, where `byClass` does not tell. */
  readonly testItems?: number | undefined;
  /** Output neurons, and those that respond to none of the labelled items. */
  readonly neurons?: { readonly all: number; readonly silent: number } | undefined;
}

export type ProblemKind =
  | 'silent neurons'
  | 'no better than guessing'
  | 'below untrained'
  | 'below labels alone'
  | 'vanished class'
  | 'unequal classes'
  | 'few test items';

export interface Problem {
  readonly kind: ProblemKind;
  /** One or two sentences: what is wrong, and what to try. */
  readonly message: string;
}

/** A few neurons are silent in good networks, too. */
const SILENT_SHARE = 0.1;
/** With fewer test items, one item is more than a point. */
const FEW_ITEMS = 100;
/** The largest class against the smallest. */
const UNEQUAL = 5;
/** Standard errors beyond which a difference is unlikely to be chance. */
const CLEAR = 2;
/** Names written out; of more, their number. */
const NAMES = 5;

const names: Readonly<Record<keyof Accuracy, string>> = {
  'association-average': 'association, average',
  'association-max': 'association, max',
  'linear-classifier': 'linear classifier',
  test: 'test',
};

/** All that is wrong, the gravest first. */
export function findProblems(evidence: Evidence): Problem[] {
  const { byClass } = evidence;
  const items = byClass ? byClass.reduce((sum, { items: own }) => sum + own, 0) : evidence.testItems;
  const found: (Problem | undefined)[] = [
    silentNeurons(evidence),
    ...(items === undefined || items === 0
      ? []
      : [
          byClass && guessing(evidence, byClass, items),
          belowUntrained(evidence, items),
          belowLabelsAlone(evidence, items),
          byClass && vanishedClass(byClass),
          byClass && unequalClasses(evidence, byClass),
          fewItems(evidence, items),
        ]),
  ];
  return found.filter((problem) => problem !== undefined);
}

function silentNeurons({ neurons }: Evidence): Problem | undefined {
  if (!neurons || neurons.silent <= SILENT_SHARE * neurons.all) return undefined;
  const { all, silent } = neurons;
  const who = silent === all ? `All ${all} output neurons are` : `${silent} of ${all} output neurons are`;
  return {
    kind: 'silent neurons',
    message:
      `${who} silent: they respond to none of the labelled items. The learning rate is probably too high for these ` +
      'data; try a tenth of it (--set learningRates).',
  };
}

function guessing(
  { accuracy, regime }: Evidence,
  byClass: readonly ClassResult[],
  items: number,
): Problem | undefined {
  const metric = mainMetric(regime);
  const value = accuracy[metric];
  if (value === undefined || byClass.length < 2) return undefined;
  const largest = byClass.reduce((most, each) => (each.items > most.items ? each : most));
  const chance = (100 * largest.items) / items;
  if (100 * wilsonInterval(correct(value, items), items).low > chance) return undefined;
  return {
    kind: 'no better than guessing',
    message:
      `The accuracy, ${percent(value)} (${names[metric]}), is ${value > chance ? 'not clearly' : 'not'} above that of a guess: ` +
      `answering "${largest.name}" to everything gives ${percent(chance)}.`,
  };
}

function belowUntrained({ accuracy, untrained, regime }: Evidence, items: number): Problem | undefined {
  const lower = (Object.keys(names) as (keyof Accuracy)[]).flatMap((metric) => {
    const [after, before] = [accuracy[metric], untrained[metric]];
    if (after === undefined || before === undefined || after >= before) return [];
    const clear = isClear(after, before, items);
    // With enough labels a linear classifier reads classes out of random features as well as out of trained ones.
    if (!clear && metric !== mainMetric(regime)) return [];
    return [{ text: `${names[metric]} ${percent(after)}, untrained ${percent(before)}`, clear }];
  });
  if (lower.length === 0) return undefined;
  return {
    kind: 'below untrained',
    message:
      `The trained network is less accurate than the untrained one: ${lower.map(({ text }) => text).join('; ')}.` +
      hedge(
        lower.some(({ clear }) => clear),
        items,
      ),
  };
}

function belowLabelsAlone({ accuracy, pretrained }: Evidence, items: number): Problem | undefined {
  const [after, alone] = [accuracy.test, pretrained?.test];
  if (after === undefined || alone === undefined || after >= alone) return undefined;
  return {
    kind: 'below labels alone',
    message:
      `The unlabelled items did not help: ${percent(after)} with them, ${percent(alone)} with the labels alone.` +
      hedge(isClear(after, alone, items), items),
  };
}

function vanishedClass(byClass: readonly ClassResult[]): Problem | undefined {
  const vanished = byClass.filter(({ items, answered }) => items > 0 && answered === 0);
  if (vanished.length === 0) return undefined;
  const items = vanished.reduce((sum, { items: own }) => sum + own, 0);
  const who = listed(
    vanished.map(({ name }) => `"${name}"`),
    'classes',
  );
  const belong = items === 1 ? 'one of them belongs' : `${items} of them belong`;
  return {
    kind: 'vanished class',
    message: `No test item is answered with ${who}, although ${belong} there.`,
  };
}

function unequalClasses({ regime, gamma }: Evidence, byClass: readonly ClassResult[]): Problem | undefined {
  const present = byClass.filter(({ items }) => items > 0);
  if (present.length < 2) return undefined;
  const sorted = present.toSorted((a, b) => b.items - a.items);
  const [largest, smallest] = [sorted[0], sorted[sorted.length - 1]];
  if (largest.items < UNEQUAL * smallest.items) return undefined;
  const homeostasis =
    regimeCalled(regime).takesRule && gamma > 0
      ? ' Homeostasis lets all output neurons win equally often, which does not fit such data; try a lower target.gamma.'
      : '';
  return {
    kind: 'unequal classes',
    message:
      `The classes are very unequal: of the test items ${largest.items} are "${largest.name}" and ${smallest.items} ` +
      `"${smallest.name}". Look at the recall of each class, not at the accuracy alone.${homeostasis}`,
  };
}

function fewItems({ accuracy, regime }: Evidence, items: number): Problem | undefined {
  if (items >= FEW_ITEMS) return undefined;
  const value = accuracy[mainMetric(regime)];
  const range = value === undefined ? undefined : wilsonInterval(correct(value, items), items);
  return {
    kind: 'few test items',
    message:
      `There ${items === 1 ? 'is only 1 test item' : `are only ${items} test items`}: one more or less is ` +
      `${(100 / items).toFixed(1)} points` +
      (range
        ? `, and the accuracy of other items may be anywhere between ${percent(100 * range.low)} and ` +
          `${percent(100 * range.high)} (95 % interval).`
        : '.'),
  };
}

/** The figure that a run is judged by. */
export function mainMetric(regime: RunConfig['regime']): keyof Accuracy {
  return regimeCalled(regime).answers === 'neurons' ? 'association-average' : 'test';
}

function isClear(after: number, before: number, items: number): boolean {
  return proportionDistance([correct(before, items), items], [correct(after, items), items]) > CLEAR;
}

/** Items answered correctly at an accuracy of `value` percent, which logs may have rounded. */
export function correct(value: number, items: number): number {
  return Math.min(items, Math.max(0, Math.round((value / 100) * items)));
}

function hedge(clear: boolean, items: number): string {
  return clear ? '' : ` With ${items} test items this may be chance.`;
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

/** `"a"`, `"a" or "b"`; of many the first, and how many more. */
function listed(all: readonly string[], what: string): string {
  if (all.length > NAMES)
    return `${all.slice(0, NAMES - 1).join(', ')} or ${all.length - NAMES + 1} other ${what}`;
  return all.length === 1 ? all[0] : `${all.slice(0, -1).join(', ')} or ${all[all.length - 1]}`;
}
