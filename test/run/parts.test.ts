import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { decodeSafetensors } from '../../src/learner/safetensors.js';
import { StateError, type TensorMap } from '../../src/learner/tensors.js';
import { evaluateRun } from '../../src/run/evaluate.js';
import { buildParts } from '../../src/run/parts.js';
import { registry } from '../../src/run/registry.js';
import { train } from '../../src/run/train.js';
import { temporaryFolder } from './temporary.js';
import { tinyConfig } from './tinyRun.js';

/** Answers every item with its first values times one number, which grows by 1 a step. */
class Scale {
  readonly inputs = 64;
  readonly outputs = 40;
  readonly scale = Float32Array.of(1);
  predict({ size, values }: { size: number; values: Float32Array }) {
    const rows = Array.from({ length: size }, (_, b) => [...values.subarray(64 * b, 64 * b + 40)]);
    return { size, width: 40, values: Float32Array.from(rows.flat(), (v) => v * this.scale[0]) };
  }
  step() {
    this.scale[0]++;
    return { loss: 1 };
  }
  state(): TensorMap {
    return new Map([['scale', { shape: [1], data: this.scale.slice() }]]);
  }
  load(state: TensorMap) {
    this.scale.set(state.get('scale')?.data ?? [NaN]);
  }
}

const twin = { shape: [1], data: Float32Array.of(7) };

registry.add({
  learners: [{ name: 'scale', title: 'a scale', build: () => new Scale() }],
  rules: [
    { name: 'twin', build: () => ({ write: () => undefined, state: () => new Map([['scale', twin]]) }) },
  ],
});

afterEach(() => vi.restoreAllMocks());

const config = (over = {}) =>
  tinyConfig({
    learner: 'scale',
    layers: [64, 40],
    activations: null,
    ...over,
    learningRates: [1],
    dropout: [0, 0],
    epochs: 1,
  });

test('a model holds what the learner needs, whatever its tensors are called', async () => {
  const out = join(temporaryFolder(), 'run');
  for await (const _ of train({ config: config(), out, preset: 'digits' })) void _;
  const { tensors } = decodeSafetensors(readFileSync(join(out, 'model.safetensors')));
  expect(tensors.get('scale')?.data).toEqual(Float32Array.of(14));
  const load = vi.spyOn(Scale.prototype, 'load');
  await evaluateRun(out);
  expect(load.mock.calls[0][0].get('scale')?.data).toEqual(Float32Array.of(14));
});

test('a learner and a rule with a tensor of the same name are not saved over each other', async () => {
  const parts = await buildParts(config({ rule: 'twin', target: null }));
  await expect(parts.state()).rejects.toThrow(StateError);
  await expect(parts.state()).rejects.toThrow(/two of them have a "scale"/);
  await parts.dispose();
});
