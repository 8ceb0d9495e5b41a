/** Settings in the page's address. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAddress, writeAddress } from '../../app/address.js';
import { initialSettings, isMilestone, type Settings } from '../../app/settings.js';

const anySettings: fc.Arbitrary<Settings> = fc
  .record({
    rule: fc.constantFrom('backprop' as const, 'equilibrium' as const),
    neurons: fc.integer({ min: 1, max: 1024 }),
    winners: fc.integer({ min: 1, max: 10 }),
    homeostasis: fc.boolean(),
    gamma: fc.double({ min: 1e-3, max: 10, noNaN: true }),
    rate: fc.double({ min: 1e-3, max: 100, noNaN: true }),
    seed: fc.integer({ min: 0, max: 999_999 }),
  })
  .map((settings) => ({ ...settings, winners: Math.min(settings.winners, settings.neurons) }));

describe('the address', () => {
  test('is plain for the initial settings', () => {
    expect(writeAddress({ data: 'digits', settings: initialSettings })).toBe('');
    expect(readAddress('')).toEqual({ data: 'digits', settings: initialSettings, refused: [] });
  });

  test('brings back any settings', () => {
    fc.assert(
      fc.property(anySettings, fc.constantFrom('digits', 'mnist', 'own', 'a&b=c#d'), (settings, data) => {
        const hash = `#${writeAddress({ data, settings })}`;
        expect(readAddress(hash)).toEqual({ data, settings, refused: [] });
      }),
    );
  });

  test('never gives settings that the page cannot take, whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        const { settings } = readAddress(hash);
        expect(settings.winners).toBeGreaterThanOrEqual(1);
        expect(settings.winners).toBeLessThanOrEqual(settings.neurons);
      }),
    );
  });

  test.each([
    ['neurons=1e9', 'neurons = 1e9', 'a whole number from 1 to 1024'],
    ['neurons=2.5', 'neurons = 2.5', 'a whole number'],
    ['gamma=NaN', 'gamma = NaN', 'a number above 0'],
    ['rule=magic', 'rule = magic', 'backprop or equilibrium'],
    ['homeostasis=maybe', 'homeostasis = maybe', 'on or off'],
    ['seed=', 'seed = nothing', 'a whole number from 0'],
  ])('%s is refused, with what would be right', (hash, what, right) => {
    const { settings, refused } = readAddress(hash);
    expect(settings).toEqual(initialSettings);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(what);
    expect(refused[0]).toContain(right);
  });
});

test('the learning curve has points after 1, 2, 5, 10, 20, 50, 100 ... epochs', () => {
  const points = Array.from({ length: 1000 }, (_, i) => i + 1).filter(isMilestone);
  expect(points).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
});
