import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { reporting } from '../../src/run/reporting.js';

/** All events, and the result or the error. */
async function follow<E, R>(events: AsyncGenerator<E, R>): Promise<{ told: E[]; result: R }> {
  const told: E[] = [];
  for (;;) {
    const { done, value } = await events.next();
    if (done) return { told, result: value };
    told.push(value);
  }
}

describe('work that tells how it goes', () => {
  test('yields what it tells while it goes, and answers its result', async () => {
    const seen: string[] = [];
    const { told, result } = await follow(
      reporting<string, number>(async (tell) => {
        for (const word of ['one', 'two']) {
          tell(word);
          await sleep(5);
          seen.push(word);
        }
        return 7;
      }),
    );
    expect([told, result, seen]).toEqual([['one', 'two'], 7, ['one', 'two']]);
  });

  test('passes over what is told faster than it is taken, except for the latest', async () => {
    const { told } = await follow(
      reporting<number, void>(async (tell) => {
        for (let i = 0; i < 1000; i++) tell(i);
      }),
    );
    expect(told).toEqual([999]);
  });

  test('fails as the work does, after what was told', async () => {
    const events = reporting<string, void>(async (tell) => {
      tell('begun');
      throw new Error('broken');
    });
    expect(await events.next()).toEqual({ done: false, value: 'begun' });
    await expect(events.next()).rejects.toThrow('broken');
  });
});
