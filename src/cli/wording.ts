/** Numbers as people read them. */
import type { Accuracy } from '../run/events.js';
import { readouts } from '../view/report/runRecord.js';

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

/** A table of accuracies, one column for each network measured. */
export function accuracyTable(columns: readonly (readonly [title: string, accuracy: Accuracy])[]): string {
  const used = columns.filter(([, accuracy]) => Object.keys(accuracy).length > 0);
  const cell = (text: string) => text.padStart(12);
  const lines = [`${''.padEnd(22)}${used.map(([title]) => cell(title)).join('')}`];
  for (const [key, name] of readouts) {
    const values = used.map(([, accuracy]) => accuracy[key]);
    if (values.every((value) => value === undefined)) continue;
    const cells = values.map((value) => cell(value === undefined ? '-' : percent(value)));
    lines.push(`${name.padEnd(22)}${cells.join('')}`);
  }
  return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

/** `0: 21  1: 19  ...`, wrapped to 80 columns. */
export function neuronTable(counts: Readonly<Record<string, number>>, unnamed: number): string {
  const cells = [...Object.entries(counts), ...(unnamed > 0 ? [['none', unnamed] as const] : [])];
  const lines = [''];
  for (const [name, count] of cells) {
    const text = `  ${name}: ${count}`;
    if (lines[lines.length - 1].length + text.length > 78) lines.push('');
    lines[lines.length - 1] += text;
  }
  return lines.join('\n');
}
