/** Photographs of figures become like the figures of the data. */
import { describe, expect, test } from 'vitest';
import { likeFigures } from '../../app/trainer/figure.js';
import type { Image } from '../../src/index.js';

const look = { side: 20, centre: [14, 14], stroke: 2.5 } as const;

/** A bar of `ink` on `ground`, with some shadow. */
function bar(
  at: { left: number; top: number; width: number; height: number },
  ink: number,
  ground: number,
): Image {
  const side = 100;
  const bytes = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    const inside = x >= at.left && x < at.left + at.width && y >= at.top && y < at.top + at.height;
    return inside ? ink : ground + (x % 10);
  });
  return { width: side, height: side, channels: 1, bytes };
}

function boxOf(values: Float32Array) {
  const lit = [...values.keys()].filter((i) => values[i] > 0.5);
  const [xs, ys] = [lit.map((i) => i % 28), lit.map((i) => Math.floor(i / 28))];
  return {
    width: Math.max(...xs) - Math.min(...xs) + 1,
    height: Math.max(...ys) - Math.min(...ys) + 1,
    x: xs.reduce((a, b) => a + b, 0) / xs.length + 0.5,
    y: ys.reduce((a, b) => a + b, 0) / ys.length + 0.5,
  };
}

describe('a photographed figure', () => {
  test.each([
    ['dark on light', 40, 220],
    ['light on dark', 230, 10],
  ])('%s: bright on black, as large as the data’s, in their place', (_, ink, ground) => {
    for (const [left, top] of [
      [5, 5],
      [60, 40],
    ]) {
      const values = likeFigures(bar({ left, top, width: 10, height: 50 }, ink, ground), [28, 28, 1], look);
      const box = boxOf(values);
      expect(box.height).toBe(20);
      expect(box.width).toBe(4);
      expect(Math.abs(box.x - 14)).toBeLessThanOrEqual(1);
      expect(Math.abs(box.y - 14)).toBeLessThanOrEqual(1);
      expect(values[0]).toBe(0);
      expect(Math.max(...values)).toBe(1);
    }
  });

  test('an empty sheet is black', () => {
    const values = likeFigures(
      { width: 30, height: 30, channels: 3, bytes: new Uint8Array(2700).fill(200) },
      [28, 28, 1],
      look,
    );
    expect(values.every((value) => value === 0)).toBe(true);
  });
});
