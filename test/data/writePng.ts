/** PNG files of every kind, written from the format's description and independently of the reader. */
import { deflateSync } from 'node:zlib';

export interface PngOptions {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  /** Of sample `c` of the pixel at x, y. */
  readonly sample: (x: number, y: number, c: number) => number;
  readonly interlaced?: boolean;
  /** Chunks before the pixels. */
  readonly extra?: readonly (readonly [type: string, data: ArrayLike<number>])[];
  /** Instead of the deflated rows. */
  readonly data?: Uint8Array;
}

const table = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = ((value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)) >>> 0;
  return value >>> 0;
});

function chunk(type: string, data: ArrayLike<number>): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Uint8Array.from(data)]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  let crc = 0xffffffff;
  for (const byte of body) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  out.writeUInt32BE(~crc >>> 0, body.length + 4);
  return out;
}

export function writePng(options: PngOptions): Uint8Array {
  const { width, height, depth, colourType, interlaced = false, extra = [] } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      ...extra.map(([type, data]) => chunk(type, data)),
      chunk('IDAT', options.data ?? deflateSync(Uint8Array.from(filteredRows(options)))),
      chunk('IEND', []),
    ]),
  );
}

/** Each row has another filter. */
function filteredRows({ width, height, depth, colourType, sample, interlaced }: PngOptions): number[] {
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType] as number;
  const step = Math.max(1, Math.floor((samples * depth) / 8));
  const passes = interlaced
    ? ['0 0 8 8', '4 0 8 8', '0 4 4 8', '2 0 4 4', '0 2 2 4', '1 0 2 2', '0 1 1 2']
    : ['0 0 1 1'];
  const out: number[] = [];
  for (const [x0, y0, dx, dy] of passes.map((pass) => pass.split(' ').map(Number))) {
    let above: number[] = [];
    let filter = 0;
    for (let y = y0; y < height && x0 < width; y += dy) {
      let bits = '';
      for (let x = x0; x < width; x += dx) {
        for (let c = 0; c < samples; c++) bits += sample(x, y, c).toString(2).padStart(depth, '0');
      }
      const row = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
      const at = (line: number[], i: number): number => (i < 0 ? 0 : (line[i] ?? 0));
      out.push(filter);
      for (const [i, value] of row.entries()) {
        const [a, b, c] = [at(row, i - step), at(above, i), at(above, i - step)];
        const p = a + b - c;
        const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best));
        const predicted = [0, a, b, Math.floor((a + b) / 2), nearest][filter];
        out.push((value - predicted) & 255);
      }
      above = row;
      filter = (filter + 1) % 5;
    }
  }
  return out;
}
