import { expect, test } from 'vitest';
import { imageGrid, inputWeights, neuronsByClass } from '../../src/view/index.js';

const pixel = ({ width, data }: ReturnType<typeof imageGrid>, x: number, y: number) =>
  Array.from(data.slice(4 * (y * width + x), 4 * (y * width + x) + 4));

test('an image grid puts images side by side, each on its own scale, with nothing between', () => {
  const grid = imageGrid([Float32Array.of(0, 1, 2, 4), Float32Array.of(0, 0, 0, 0.5)], {
    ...{ shape: [2, 2, 1], columns: 2 },
  });
  expect([grid.width, grid.height]).toEqual([5, 2]);
  expect(pixel(grid, 0, 0)).toEqual([0, 0, 0, 255]);
  expect(pixel(grid, 0, 1)).toEqual([128, 128, 128, 255]);
  expect(pixel(grid, 1, 1)).toEqual([255, 255, 255, 255]);
  expect(pixel(grid, 2, 0)).toEqual([0, 0, 0, 0]);
  expect(pixel(grid, 4, 1)).toEqual([255, 255, 255, 255]);
});

test('weights are shown in two colours from 0 on', () => {
  const grid = imageGrid([[-1, 0, 1]], { shape: [1, 3, 1], columns: 1, signed: true });
  const [below, zero, above] = [0, 1, 2].map((x) => pixel(grid, x, 0));
  expect(below[2]).toBeGreaterThan(below[0]);
  expect(new Set(zero.slice(0, 3)).size).toBe(1);
  expect(above[0]).toBeGreaterThan(above[2]);
});

test('neurons are ordered by class and activity, those of no class last', () => {
  const rows = neuronsByClass([1, -1, 0, 1, 1], [0.1, 9, 0.5, 0.3, 0.2], 3, 2);
  expect(rows).toEqual([
    { class: 0, neurons: [2], of: 1 },
    { class: 1, neurons: [3, 4], of: 3 },
    { class: -1, neurons: [1], of: 1 },
  ]);
});

test('hidden neurons are followed to the classes that they help', () => {
  const model = new Map([
    ['layer0.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ['layer0.bias', { shape: [2], data: Float32Array.of(0, 0) }],
    ['layer1.weight', { shape: [4, 2], data: Float32Array.of(1, 0, 2, 0, 0, 5, -1, -1) }],
  ]);
  const weights = inputWeights(model, 3, [0, 0, 1, -1], 2);
  expect(weights?.rows.map((row) => [...row])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(weights?.towards.map((to) => [...to])).toEqual([
    [3, 0],
    [0, 5],
  ]);
  expect(inputWeights(model, 5, [0, 0, 1, -1], 2)).toBeUndefined();
});
