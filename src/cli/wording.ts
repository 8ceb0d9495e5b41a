/** Numbers as people read them. */
import type { Accuracy } from '../run/events.js';
import { readouts } from '../view/report/runRecord.js';
import { intervalOf } from '../view/report/wording.js';

export { duration } from '../view/report/wording.js';

export function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

/** `association 93.1 %`, `test 97.9 %`: the figure to watch; empty when nothing was measured. */
export function mainAccuracy({ test, 'association-average': average }: Accuracy = {}): string {
  if (test !== undefined) return `test ${percent(test)}`;
  return average === undefined ? '' : `association ${percent(average)}`;
}

/** `association 93.1 % (max 88.0 %)`, `test 97.9 %`; empty when nothing was measured. */
export function accuracyInBrief(accuracy: Accuracy = {}): string {
  const max = accuracy['association-max'];
  return mainAccuracy(accuracy) + (max === undefined ? '' : ` (max ${percent(max)})`);
}

/** Accuracy in percent, and the number of test items where its interval is to be shown as well. */
export type AccuracyColumn = readonly [title: string, accuracy: Accuracy, testItems?: number | undefined];

/** A table of accuracies, one column for each network measured. */
export function accuracyTable(columns: readonly AccuracyColumn[]): string {
  const used = columns.filter(([, accuracy]) => Object.keys(accuracy).length > 0);
  const heads = used.flatMap(([title, , items]) => [title, ...(items ? ['95 % interval'] : [])]);
  const rows = readouts.flatMap(([key, name]) => {
    const cells = used.flatMap(([, accuracy, items]) => {
      const value = accuracy[key];
      return [
        value === undefined ? '-' : percent(value),
        ...(items ? [value === undefined ? '-' : intervalOf(value, items)] : []),
      ];
    });
    return used.every(([, accuracy]) => accuracy[key] === undefined) ? [] : [{ name, cells }];
  });
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(22)}${cells.map((cell, c) => cell.padStart(heads[c].length > 11 ? 16 : 12)).join('')}`.trimEnd();
  return [line('', heads), ...rows.map(({ name, cells }) => line(name, cells))].join('\n');
}

/** `Neurons per class:` and `0: 21  1: 19  ...`, wrapped to 80 columns, and how many neurons have no class. */
export function neuronTable(counts: Readonly<Record<string, number>>, unnamed: number): string {
  const lines = [''];
  for (const [name, count] of Object.entries(counts)) {
    const text = `  ${name}: ${count}`;
    if (lines[lines.length - 1].length + text.length > 78) lines.push('');
    lines[lines.length - 1] += text;
  }
  // In a sentence: a class may be called "none".
  if (unnamed > 0)
    lines.push(`${counted(unnamed, 'neuron')} ${unnamed === 1 ? 'responds' : 'respond'} to no class.`);
  return ['Neurons per class:', ...lines].join('\n');
}

/** `1 epoch`, `2 epochs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
