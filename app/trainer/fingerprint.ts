import type { DataSet } from 'selftarget';

/** Items looked at, spread over the data set. */
const SAMPLE = 200;

/**
 * Tells whether labels, which name items by their number, belong to these data: a hash (FNV-1a) of their number,
 * their shape and some of the items.
 */
export function fingerprintOf(data: DataSet): string {
  let hash = 0x811c9dc5;
  const add = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  const count = Math.min(SAMPLE, data.length);
  const values = new Float32Array(data.width);
  for (let i = 0; i < count; i++) {
    data.read(Math.floor((i * data.length) / count), values, 0);
    for (const byte of new Uint8Array(values.buffer)) add(byte);
  }
  return `${data.length}x${data.shape.join('x')}-${hash.toString(16).padStart(8, '0')}`;
}
