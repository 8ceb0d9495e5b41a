import { expect, test } from 'vitest';
import { Race } from '../../../src/wasm/compute/race.js';

/** The ways gone in so many calls, when way 0 and way 1 take these times. */
function ways(race: Race, calls: number, times: (call: number) => readonly [number, number]): number[] {
  return Array.from({ length: calls }, (_, call) => {
    const { way } = race;
    race.took(times(call)[way]);
    return way;
  });
}

const count = (gone: readonly number[]) => gone.filter((way) => way === 1).length;

test('the first way leads and the other is tried now and then, where it is no faster', () => {
  for (const time of [1, 2]) expect(count(ways(new Race(), 5000, () => [1, time]))).toBeLessThan(100);
});

test('the other way is gone where it is faster', () => {
  expect(count(ways(new Race(), 5000, () => [2, 1]))).toBeGreaterThan(4800);
});

test('the slow begin of a trial does not count', () => {
  const race = new Race();
  let tried = 0;
  for (let call = 0; call < 5000; call++) {
    const { way } = race;
    race.took(way === 0 ? 2 : ++tried < 4 ? 100 : 1);
  }
  expect(race.way).toBe(1);
});

test('the lead changes with the times', () => {
  const race = new Race();
  const gone = ways(race, 20_000, (call) => (call < 10_000 ? [2, 1] : [1, 2]));
  expect(count(gone.slice(1000, 10_000))).toBeGreaterThan(8700);
  expect(count(gone.slice(11_000))).toBeLessThan(300);
});
