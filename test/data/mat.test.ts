import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/data/dataSet.js';
import { readMat } from '../../src/data/mat.js';
import { svhn } from '../../src/data/svhn.js';
import { checkConfig } from '../../src/run/config.js';
import { buildParts } from '../../src/run/parts.js';
import { findPreset } from '../../src/run/presets.js';
import { fullReadout } from '../../src/run/readouts.js';
import { mergeSettings } from '../../src/run/settings.js';
import { messageOf } from './errors.js';
import { fixture, item } from './fixtures.js';
import { pythonWith, runPython } from './python.js';
import { temporaryFolder } from './temporary.js';

describe('a MAT-file', () => {
  test.each(['types.mat', 'typesPlain.mat'])('of all types of numbers is read: %s', async (name) => {
    const arrays = new Map(readMat(await fixture(name)).map((array) => [array.name, array]));
    for (const type of ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64']) {
      const { dimensions, values } = arrays.get(type) ?? {};
      // Column by column.
      expect([type, dimensions, [...(values ?? [])]]).toEqual([type, [2, 3], [1, 4, 2, 5, 3, 100]]);
    }
    expect([...(arrays.get('negative')?.values ?? [])]).toEqual([-1.5, 2e300]);
    expect([...(arrays.get('one')?.values ?? [])]).toEqual([7]);
    expect(arrays.get('empty')?.values).toHaveLength(0);
    expect([...arrays.keys()].filter((key) => ['text', 'cell', 'structure'].includes(key))).toEqual([]);
  });

  test('is refused when it is none, or of the newer version', async () => {
    expect(await messageOf(() => readMat({ source: 'x.mat', bytes: new Uint8Array(200) }))).toBe(
      'x.mat is not a MAT-file of version 5: it has no header of one (200 bytes)',
    );
    const newer = new Uint8Array(600);
    newer.set(Buffer.from('MATLAB 7.3 MAT-file, Platform: GLNXA64'));
    expect(await messageOf(() => readMat({ source: 'x.mat', bytes: newer }))).toMatch(
      /version 5: it is of version 7\.3; save it with -v7 or -v6$/,
    );
    expect(await messageOf(() => readMat({ source: 'x.mat', bytes: new Uint8Array(0) }))).toMatch(/0 bytes/);
  });

  test.each(['types.mat', 'svhn.mat', 'svhnCompressed.mat'])(
    'never gives other content when cut: %s',
    async (name) => {
      const { bytes } = await fixture(name);
      const whole = readMat({ source: 'whole', bytes });
      let refused = 0;
      for (let length = 0; length < bytes.length; length++) {
        try {
          const some = readMat({ source: 'cut', bytes: bytes.slice(0, length) });
          // Only between two arrays, or in the padding after the last, does a cut leave a file that is whole in itself.
          expect(some).toEqual(whole.slice(0, some.length));
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
          expect((error as Error).message).toContain('cut ');
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(bytes.length - 40);
    },
  );

  test('is read or refused, never anything else, when it is damaged', async () => {
    for (const name of ['types.mat', 'typesPlain.mat', 'svhnCompressed.mat']) {
      const { bytes } = await fixture(name);
      for (let at = 116; at < bytes.length; at++) {
        const damaged = bytes.slice();
        damaged[at] ^= 1 << (at % 8);
        try {
          readMat({ source: 'x', bytes: damaged });
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }
    }
  });
});

describe('SVHN', () => {
  test.each(['svhn.mat', 'svhnCompressed.mat'])('is read from %s', async (name) => {
    const data = svhn('svhn', await fixture(name));
    expect([data.length, data.shape, [...data.labels], data.classes[0]]).toEqual([
      2,
      [32, 32, 3],
      [0, 3],
      '0',
    ]);
    for (let n = 0; n < 2; n++) {
      const expected: number[] = [];
      for (let row = 0; row < 32; row++) {
        for (let column = 0; column < 32; column++) {
          for (let k = 0; k < 3; k++)
            expected.push(Math.fround(((row + 2 * column + 60 * k + 100 * n) % 256) / 255));
        }
      }
      expect(item(data, n)).toEqual(expected);
    }
  });

  test('is refused without its arrays, or with others', async () => {
    const types = await fixture('types.mat');
    expect(await messageOf(() => svhn('svhn', types))).toMatch(
      /^types\.mat has no array X \(the pictures\); its arrays of numbers: empty, int8, uint8/,
    );
    const { bytes } = await fixture('svhn.mat');
    const labels = bytes.lastIndexOf(10);
    const wrong = bytes.with(labels, 11);
    expect(await messageOf(() => svhn('svhn', { source: 's.mat', bytes: wrong }))).toBe(
      's.mat: label 11 at item 0 is out of range; there are 1 to 9, and 10 for the digit 0',
    );
  });

  const python = pythonWith('scipy');
  const skipped = python ? '' : ' (skipped: needs python3-scipy)';
  test.skipIf(!python)(`as SciPy writes it is read value by value${skipped}`, async () => {
    const folder = await temporaryFolder();
    const script = `
import sys, numpy
from scipy.io import savemat
random = numpy.random.default_rng(5)
X = random.integers(0, 256, (32, 32, 3, 300), dtype=numpy.uint8)
X[:, :, :, ::3] //= 64
y = random.integers(1, 11, (300, 1), dtype=numpy.uint8)
for compressed in (False, True):
    savemat(sys.argv[1] + ('/z.mat' if compressed else '/p.mat'), {'X': X, 'y': y}, do_compression=compressed)
savemat(sys.argv[1] + '/double.mat', {'y': y.astype('double'), 'X': X}, do_compression=True)
X.transpose(3, 0, 1, 2).tofile(sys.argv[1] + '/expected')
(y % 10).tofile(sys.argv[1] + '/labels')
`;
    runPython(python as string, script, folder);
    const expected = await readFile(join(folder, 'expected'));
    const labels = await readFile(join(folder, 'labels'));
    for (const name of ['z.mat', 'p.mat', 'double.mat']) {
      const data = svhn('svhn', { source: name, bytes: new Uint8Array(await readFile(join(folder, name))) });
      expect([...data.labels]).toEqual([...labels]);
      const values = Array.from({ length: data.length }, (_, n) => item(data, n)).flat();
      expect(values.findIndex((value, i) => value !== Math.fround(expected[i] / 255))).toBe(-1);
    }
  });

  test.skipIf(!python)(
    `trains the published convolutional network, made small, and reads it out${skipped}`,
    async () => {
      const folder = await temporaryFolder();
      // Ten colours, with noise.
      const script = `
import sys, numpy
from scipy.io import savemat
random = numpy.random.default_rng(6)
colours = random.integers(40, 216, (10, 3))
for name, items in (('train', 200), ('test', 100)):
    y = numpy.arange(items, dtype=numpy.uint8) % 10
    X = colours[y].T[None, None] + random.integers(-30, 31, (32, 32, 3, items))
    savemat(sys.argv[1] + '/' + name + '_32x32.mat', {'X': X.astype('uint8'), 'y': numpy.where(y, y, 10)[:, None]}, do_compression=True)
`;
      runPython(python as string, script, folder);
      const [train, rest] = await Promise.all(
        ['train_32x32.mat', 'test_32x32.mat'].map(async (name) =>
          svhn(name, { source: name, bytes: new Uint8Array(await readFile(join(folder, name))) }),
        ),
      );
      const preset = findPreset('unsupervised-bp-cnn-svhn').settings;
      const config = checkConfig(
        mergeSettings(preset, {
          ...{ layers: [60], epochs: 8, learningRates: [1e-4, 1e-4, 1e-3] },
          ...{ conv: { channels: [3, 4, 8] }, classifier: { epochs: 10, learningRate: 0.03, batchSize: 20 } },
        }),
      );
      const parts = await buildParts(config, { threads: 1, classes: 10 });
      try {
        const plan = parts.plan(train);
        for await (const event of plan.train({ epoch: 0, step: 0 }, undefined))
          expect(event.kind).not.toBe('pass');
        const about = { network: 'trained', epoch: 8, classifier: true } as const;
        const { accuracy } = await fullReadout(
          parts,
          { config, data: { name: 'svhn', train, test: rest } },
          about,
        );
        expect(accuracy['linear-classifier']).toBeGreaterThan(60);
      } finally {
        parts.dispose();
      }
    },
  );
});
