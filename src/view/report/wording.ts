/** Numbers and settings as people read them. */
import { correct } from '../../run/problems.js';
import { wilsonInterval } from '../../statistics/index.js';

/** `12 ms`, `4.2 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Two digits, or a dash where nothing was measured. */
export function accuracy(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}

/** Wilson's 95 % interval, in percent, for the rate behind `value` percent of `items` items. */
export function intervalBounds(value: number, items: number): readonly [low: number, high: number] {
  const { low, high } = wilsonInterval(correct(value, items), items);
  return [100 * low, 100 * high];
}

/** The same as `71.2 to 79.8`. */
export function intervalOf(value: number, items: number): string {
  return intervalBounds(value, items)
    .map((end) => end.toFixed(1))
    .join(' to ');
}

/** Settings by their dotted names, values as JSON. */
export function flatten(settings: unknown, at = ''): Map<string, string> {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    return new Map([[at, JSON.stringify(settings) ?? 'nothing']]);
  }
  const inside = Object.entries(settings).filter(([, value]) => value !== undefined);
  return new Map(inside.flatMap(([key, value]) => [...flatten(value, at === '' ? key : `${at}.${key}`)]));
}
