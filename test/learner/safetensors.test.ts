import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tensor, TensorMap } from '../../src/learner/tensors.js';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../../src/learner/safetensors.js';
import { temporaryFolder } from '../run/temporary.js';

const joined = (parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A file with this header, whatever it says, and so many bytes of data. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.constantFrom('f32', 'f64', 'i32'))
  .chain(([shape, kind]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const size = { minLength: length, maxLength: length };
    if (kind === 'f32') return fc.float32Array(size).map((data): Tensor => ({ shape, data }));
    if (kind === 'f64') return fc.float64Array(size).map((data): Tensor => ({ shape, data }));
    return fc.int32Array(size).map((data): Tensor => ({ shape, data }));
  });
const name = fc
  .oneof(fc.string({ maxLength: 12 }), fc.constant('__proto__'))
  .filter((text) => text !== '__metadata__');

describe('safetensors', () => {
  test('reads back what was written, bit by bit', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, tensor)), fc.dictionary(name, fc.string()), (entries, metadata) => {
        const tensors: TensorMap = new Map(entries);
        const read = decodeSafetensors(joined(encodeSafetensors(tensors, Object.entries(metadata))));
        expect(read.metadata).toEqual(new Map(Object.entries(metadata)));
        expect([...read.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
        for (const [key, { shape, data }] of tensors) {
          const back = read.tensors.get(key);
          expect(back?.shape).toEqual(shape);
          expect(back?.data.constructor).toBe(data.constructor);
          const bytes = (array: Tensor['data'] | undefined) =>
            Buffer.from(array?.buffer ?? new ArrayBuffer(0), array?.byteOffset, array?.byteLength);
          expect(bytes(back?.data).equals(bytes(data))).toBe(true);
        }
      }),
    );
  });

  test('writes the same bytes whatever the order of the tensors', () => {
    const a: [string, Tensor] = ['a', { shape: [1], data: Float32Array.of(1) }];
    const b: [string, Tensor] = ['b', { shape: [1], data: Float64Array.of(2) }];
    expect(joined(encodeSafetensors(new Map([a, b])))).toEqual(joined(encodeSafetensors(new Map([b, a]))));
  });

  test('reads from a view into larger memory, as Node hands out', () => {
    const file = joined(encodeSafetensors(new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]])));
    const memory = Buffer.concat([Buffer.alloc(3), file]);
    expect([...(decodeSafetensors(memory.subarray(3)).tensors.get('a')?.data ?? [])]).toEqual([1, 2]);
  });

  test('refuses values that do not fill their shape, and the reserved name', () => {
    const data = Float32Array.of(1, 2, 3);
    expect(() => encodeSafetensors(new Map([['a', { shape: [2], data }]]))).toThrow(/3 values.*\[2\]/);
    expect(() => encodeSafetensors(new Map([['__metadata__', { shape: [3], data }]]))).toThrow(
      SafetensorsError,
    );
  });

  test('refuses a file cut short anywhere', () => {
    const whole = joined(encodeSafetensors(new Map([['a', { shape: [4], data: new Float32Array(4) }]])));
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length))).toThrow(/cut short/);
    }
  });

  const entry = (offsets: unknown, shape: unknown = [1], dtype: unknown = 'F32') => ({
    ...{ dtype, shape, data_offsets: offsets },
  });
  test.each([
    ['overlapping tensors', { a: entry([0, 4]), b: entry([0, 4]) }, 4, /"b" overlaps "a"/],
    ['a gap between tensors', { a: entry([0, 4]), b: entry([8, 12]) }, 12, /4 bytes between "a" and "b"/],
    ['bytes at the end', { a: entry([0, 4]) }, 6, /2 bytes at the end/],
    ['an unknown type', { a: entry([0, 4], [1], 'Q7') }, 4, /type Q7; F64, F32, I32 can be read/],
    ['a type that is a property of every object', { a: entry([0, 4], [1], 'toString') }, 4, /type toString/],
    ['a size that is not that of the shape', { a: entry([0, 4], [2]) }, 4, /needs 8 bytes, but has 4/],
    ['a negative dimension', { a: entry([0, 4], [-1]) }, 4, /no valid shape/],
    ['a shape that is none', { a: entry([0, 4], 'two') }, 4, /no valid shape/],
    ['offsets the wrong way round', { a: entry([4, 0]) }, 4, /no valid place/],
    ['three offsets', { a: entry([0, 4, 8]) }, 8, /no valid place/],
    ['an entry that is no object', { a: 1 }, 0, /"a" is not a JSON object/],
    ['metadata that are no strings', { __metadata__: { a: 1 } }, 0, /"a" is not a string/],
    ['a header that is no object', [], 0, /the header is not a JSON object/],
    ['a header that is no JSON', '{"a":', 0, /not valid JSON/],
  ])('refuses %s', (_, header, dataBytes, message) => {
    expect(() => decodeSafetensors(fileOf(header, dataBytes))).toThrow(message);
    expect(() => decodeSafetensors(fileOf(header, dataBytes))).toThrow(SafetensorsError);
  });

  test('refuses a header too large to be one, without asking for memory', () => {
    expect(() => decodeSafetensors(new Uint8Array(16).fill(0xff))).toThrow(/not a safetensors file/);
  });

  test('never fails in any other way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, small) => {
        // Mostly a header length that fits, so that what comes after it is reached too.
        if (small) bytes.fill(0, 1, 8);
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SafetensorsError);
        }
      }),
    );
  });

  const python = spawnSync('python3', ['--version']).status === 0;
  test.skipIf(!python)('is read alike by Python (skipped where there is none)', () => {
    const file = join(temporaryFolder(), 'a.safetensors');
    const tensors: TensorMap = new Map<string, Tensor>([
      ['größe', { shape: [2, 3], data: Float32Array.of(1.5, -2, 3, 4, 5, 6) }],
      ['scalar', { shape: [], data: Float64Array.of(Math.PI) }],
      ['counts', { shape: [3], data: Int32Array.of(-1, 0, 2 ** 31 - 1) }],
    ]);
    writeFileSync(file, joined(encodeSafetensors(tensors, [['epoch', '7']])));
    // The format's description, followed by hand with nothing of ours; by its own library where it is installed.
    const script = `
import json, struct, sys
raw = open(sys.argv[1], 'rb').read()
length, = struct.unpack('<Q', raw[:8])
header = json.loads(raw[8:8 + length])
metadata = header.pop('__metadata__')
letters = {'F32': 'f', 'F64': 'd', 'I32': 'i'}
out = {}
for name, entry in header.items():
    begin, end = entry['data_offsets']
    data = raw[8 + length + begin:8 + length + end]
    count = len(data) // struct.calcsize(letters[entry['dtype']])
    out[name] = [entry['shape'], list(struct.unpack('<%d%s' % (count, letters[entry['dtype']]), data))]
try:
    from safetensors.numpy import load_file
    loaded = load_file(sys.argv[1])
    assert {n: [list(t.shape), t.ravel().tolist()] for n, t in loaded.items()} == out
except ImportError:
    pass
print(json.dumps([metadata, out]))`;
    const [metadata, read] = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }));
    expect(metadata).toEqual({ epoch: '7' });
    expect(read).toEqual(
      Object.fromEntries([...tensors].map(([key, { shape, data }]) => [key, [shape, [...data]]])),
    );
  });
});
