/** Words that depend on the data: what is to be seen, and which keys stand for which class. */
import * as state from './state.js';

/** What one image shows, where all classes are single digits. */
export function isDigits(classes: readonly string[]): boolean {
  return classes.length > 0 && classes.every((name) => /^\d$/.test(name));
}

/** "digit" for digits, "image" for pictures, "row" for tables. */
export function noun(): string {
  if (isDigits(state.classes.value)) return 'digit';
  return state.about.value?.pictures === false ? 'row' : 'image';
}

/** The key of each class: its own digit, or 1, 2, 3 ... by place; nothing after the ninth. */
export function keyOf(classes: readonly string[], c: number): string | undefined {
  if (isDigits(classes)) return classes[c];
  return c < 9 ? String(c + 1) : undefined;
}

/** The class that a key stands for. */
export function classOfKey(event: KeyboardEvent, classes: readonly string[]): number | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^\d$/.test(event.key)) return undefined;
  const c = classes.findIndex((_, i) => keyOf(classes, i) === event.key);
  return c < 0 ? undefined : c;
}

/** "0 to 9", "1 and 2", "1 to 5". */
export function keyRange(classes: readonly string[]): string {
  const keys = classes.map((_, c) => keyOf(classes, c)).filter((key) => key !== undefined);
  if (keys.length < 3) return keys.join(' and ');
  return `${keys[0]} to ${keys[keys.length - 1]}`;
}

export function plural(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

export function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}
