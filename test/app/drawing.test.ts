/** Drawings as the network sees them: made like the data's images, and read rightly. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Point, rasterise, type Stroke } from '../../app/drawing/rasterise.js';
import { initialSettings } from '../../app/settings.js';
import { lookOf } from '../../app/trainer/pictures.js';
import { Trainer } from '../../app/trainer/trainer.js';
import type { Look } from '../../app/protocol.js';
import { digits } from '../../src/index.js';

/** A digit as somebody may write it, as corners on a square of 100. */
const written: readonly string[] = [
  '50,15 60,20 66,35 66,60 60,78 50,85 40,78 34,60 34,35 40,20 50,15',
  '50,15 50,85',
  '32,28 40,17 55,15 65,25 62,40 45,60 32,82 68,82',
  '35,18 55,15 64,28 55,44 45,47 58,50 66,65 55,82 35,82',
  '55,15 32,60 70,60;58,40 56,88',
  '66,15 40,15 38,45 55,43 66,58 60,78 38,82',
  '60,15 42,35 35,60 42,80 58,80 64,66 56,55 38,62',
  '34,18 66,18 58,45 48,85;40,50 66,50',
  '50,48 38,35 42,18 58,18 62,33 50,48 36,65 42,83 58,83 64,66 50,48',
  '63,35 52,48 38,40 38,22 52,15 63,25 62,50 55,85',
];

const strokesOf = (text: string): Stroke[] =>
  text.split(';').map((line) =>
    line.split(' ').map((point) => {
      const [x, y] = point.split(',').map(Number);
      return { x, y };
    }),
  );

const moved = (strokes: readonly Stroke[], by: (point: Point) => Point): Stroke[] =>
  strokes.map((stroke) => stroke.map(by));

const mnistLike: Look = { side: 20, centre: [14, 14], stroke: 2.5 };
const shape = [28, 28, 1];

describe('rasterise', () => {
  test('a line becomes as long, as thick and as central as the data’s figures', () => {
    const image = rasterise(
      [
        [
          { x: 3, y: 90 },
          { x: 3, y: 97 },
        ],
      ],
      shape,
      mnistLike,
    ) as Float32Array;
    let [ink, xs, ys, top, bottom] = [0, 0, 0, 28, 0];
    for (const [pixel, value] of image.entries()) {
      const [x, y] = [pixel % 28, Math.floor(pixel / 28)];
      ink += value;
      xs += value * (x + 0.5);
      ys += value * (y + 0.5);
      if (value > 0.2) [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    // Round ends: a bar of the pen's width, and two half circles.
    const exact = 17.5 * 2.5 + Math.PI * 1.25 ** 2;
    expect(Math.abs(ink / exact - 1)).toBeLessThan(0.05);
    expect(xs / ink).toBeCloseTo(14, 1);
    expect(ys / ink).toBeCloseTo(14, 1);
    expect(bottom - top + 1).toBe(20);
  });

  test('size and place of the drawing do not matter', () => {
    const strokes = strokesOf(written[4]);
    const image = rasterise(strokes, shape, mnistLike);
    const other = rasterise(
      moved(strokes, ({ x, y }) => ({ x: 0.3 * x + 7, y: 0.3 * y + 50 })),
      shape,
      mnistLike,
    );
    image?.forEach((value, pixel) => {
      expect(Math.abs(value - (other?.[pixel] ?? 0))).toBeLessThan(0.07);
    });
  });

  test('nothing leaves the image, and colours are all alike', () => {
    const image = rasterise(strokesOf('0,0 100,1'), [8, 8, 3], { side: 12, centre: [1, 7], stroke: 1 });
    expect(image).toHaveLength(192);
    for (let at = 0; at < 192; at += 3) {
      expect(new Set(image?.subarray(at, at + 3)).size).toBe(1);
    }
    expect(image?.some((value) => value > 0.4)).toBe(true);
  });

  test('a dot is a dot, and nothing is nothing', () => {
    const dot = rasterise([[{ x: 50, y: 50 }]], shape, mnistLike) as Float32Array;
    expect(dot.reduce((sum, value) => sum + value, 0)).toBeCloseTo(Math.PI * 1.25 ** 2, 0);
    expect(rasterise([], shape, mnistLike)).toBeUndefined();
    expect(rasterise([[]], shape, mnistLike)).toBeUndefined();
  });
});

describe('drawn digits', () => {
  const data = digits();
  const look = lookOf(data.train) as Look;

  test('the data’s look is measured', () => {
    // Digits fill their 8 rows and stand in the middle.
    expect(look.side).toBe(8);
    expect(look.centre[0]).toBeCloseTo(4, 0);
    expect(look.centre[1]).toBeCloseTo(4, 0);
    expect(look.stroke).toBeGreaterThan(1);
    expect(look.stroke).toBeLessThan(2);
  });

  describe.each(['backprop', 'equilibrium'] as const)('a network trained by %s', (rule) => {
    const said: number[] = [];

    beforeAll(async () => {
      const trainer = await Trainer.open(data, { ...initialSettings, rule }, (message) => {
        if (message.kind === 'answer') said.push(message.answer.class);
      });
      while (!trainer.finished) await trainer.step();
      trainer.labelForMe('all');
      for (const text of written) {
        await trainer.answer(rasterise(strokesOf(text), [8, 8, 1], look) as Float32Array);
      }
      trainer.dispose();
    });

    test('reads at least nine of ten digits written by hand', () => {
      const right = said.filter((answer, digit) => answer === digit).length;
      expect(said).toHaveLength(10);
      expect(right, `said ${said.join(' ')}`).toBeGreaterThanOrEqual(9);
    });
  });
});
