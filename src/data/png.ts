/**
 * PNG files (https://www.w3.org/TR/png-3/): every colour type, bit depth and interlacing, with transparency shown on
 * black. The compressed data are inflated only as far as the header says that there are pixels, so that a hostile file
 * costs no more than the picture it claims to be.
 */
import { Inflate } from 'fflate';
import { crc32 } from './crc32.js';
import type { Image } from './image.js';

/** What the header (IHDR) says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

/** Why a file cannot be read, to be put after its name. */
export class PngError extends Error {}

const GREY = 0;
const COLOUR = 2;
const PALETTE = 3;
const GREY_ALPHA = 4;
const COLOUR_ALPHA = 6;

/** Samples of a pixel, and the depths that the format allows, by colour type (table 12). */
const colourTypes: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  [GREY]: { samples: 1, depths: [1, 2, 4, 8, 16] },
  [COLOUR]: { samples: 3, depths: [8, 16] },
  [PALETTE]: { samples: 1, depths: [1, 2, 4, 8] },
  [GREY_ALPHA]: { samples: 2, depths: [8, 16] },
  [COLOUR_ALPHA]: { samples: 4, depths: [8, 16] },
};

/** First column and row of each pass of Adam7, and the steps to the next ones. */
const adam7: readonly (readonly [x: number, y: number, dx: number, dy: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];
const onePass = [[0, 0, 1, 1]] as const;
/** Compressed bytes that are inflated at a time. */
const portion = 1 << 14;

/** Reads the header alone. Throws {@link PngError}. */
export function pngHeader(bytes: Uint8Array): PngHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33) throw new PngError('it is cut short');
  const first = String.fromCharCode(...bytes.subarray(12, 16));
  if (first === 'CgBI') {
    throw new PngError(
      'it is in the form that Xcode gives to PNG files for iPhones; convert it back with pngcrush',
    );
  }
  if (first !== 'IHDR' || view.getUint32(8) !== 13) throw new PngError('it does not begin with a header');
  if (crc32(bytes.subarray(12, 29)) !== view.getUint32(29)) throw new PngError('its header is damaged');
  const [depth, colourType, compression, filter, interlace] = bytes.subarray(24, 29);
  if (!colourTypes[colourType]?.depths.includes(depth)) {
    throw new PngError(`colour type ${colourType} with ${depth} bits is not in the format`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new PngError(
      `compression ${compression}, filter ${filter}, interlacing ${interlace} are not in the format`,
    );
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return { width, height, depth, colourType, interlaced: interlace === 1 };
}

/** Decodes a file whose header has been found acceptable. Throws {@link PngError}. */
export function decodePng(bytes: Uint8Array): { image: Image; exif: Uint8Array | undefined } {
  const header = pngHeader(bytes);
  const { palette, transparency, exif, data } = readChunks(bytes);
  if (header.colourType === PALETTE && !palette) throw new PngError('its palette is missing');
  const rows = inflateExactly(data, rawLength(header));
  const colours =
    header.colourType === PALETTE
      ? new PaletteWriter(header, palette as Uint8Array, transparency)
      : new SampleWriter(header, transparency);
  const { samples } = colourTypes[header.colourType];
  const bitsPerPixel = samples * header.depth;
  let at = 0;
  for (const [x0, y0, dx, dy] of header.interlaced ? adam7 : onePass) {
    const across = Math.ceil((header.width - x0) / dx);
    const down = Math.ceil((header.height - y0) / dy);
    if (across <= 0 || down <= 0) continue;
    const rowLength = Math.ceil((across * bitsPerPixel) / 8);
    let before: Uint8Array = new Uint8Array(rowLength);
    for (let row = 0; row < down; row++) {
      const line = rows.subarray(at + 1, at + 1 + rowLength);
      unfilter(rows[at], line, before, Math.max(1, bitsPerPixel >> 3));
      at += 1 + rowLength;
      const to = (y0 + row * dy) * header.width + x0;
      for (let column = 0; column < across; column++) colours.write(line, column, to + column * dx);
      before = line;
    }
  }
  return { image: colours.image(), exif };
}

interface Chunks {
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly exif: Uint8Array | undefined;
  readonly data: readonly Uint8Array[];
}

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: Uint8Array[] = [];
  const found: Record<string, Uint8Array> = {};
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new PngError('it is cut short');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 12 + length;
    if (end > bytes.length) throw new PngError('it is cut short');
    // Capital first letter: a decoder that passes over this chunk would show another picture.
    const critical = (bytes[at + 4] & 0x20) === 0;
    const intact = crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
    if (!intact && (critical || type === 'tRNS')) throw new PngError(`its part ${type} is damaged`);
    const content = bytes.subarray(at + 8, end - 4);
    if (type === 'IEND') break;
    if (type === 'IDAT') data.push(content);
    else if (intact) found[type] ??= content;
    if (critical && !['IHDR', 'PLTE', 'IDAT'].includes(type)) {
      throw new PngError(`it has a part ${type} that is not known`);
    }
    at = end;
  }
  return { palette: found.PLTE, transparency: found.tRNS, exif: found.eXIf, data };
}

/** Bytes of all rows with their filters. */
function rawLength({ width, height, depth, colourType, interlaced }: PngHeader): number {
  const bits = colourTypes[colourType].samples * depth;
  let length = 0;
  for (const [x0, y0, dx, dy] of interlaced ? adam7 : onePass) {
    const across = Math.ceil((width - x0) / dx);
    const down = Math.ceil((height - y0) / dy);
    if (across > 0 && down > 0) length += down * (1 + Math.ceil((across * bits) / 8));
  }
  return length;
}

/** The zlib stream in `parts`, which must hold `length` bytes; inflating stops as soon as it holds more. */
function inflateExactly(parts: readonly Uint8Array[], length: number): Uint8Array {
  const stream = parts.length === 1 ? parts[0] : concatenated(parts);
  if (stream.length < 6 || (stream[0] & 0x0f) !== 8 || ((stream[0] << 8) | stream[1]) % 31 !== 0) {
    throw new PngError('its pixels are missing or damaged');
  }
  // Deflate cannot shrink by more than this factor: no memory is taken for pixels that cannot be there.
  if (length > stream.length * 1032) throw new PngError('it is cut short');
  const out = new Uint8Array(length);
  let filled = 0;
  const inflate = new Inflate((chunk) => {
    if (filled + chunk.length > length) throw new PngError('it has more data than its size allows');
    out.set(chunk, filled);
    filled += chunk.length;
  });
  try {
    // In portions, so that a file that never ends is noticed soon. What comes after the last row counts for
    // nothing, as in other readers; the chunks' checksums have been checked.
    for (let at = 2; at < stream.length && filled < length; at += portion) {
      inflate.push(stream.subarray(at, at + portion), at + portion >= stream.length);
    }
  } catch (error) {
    if (error instanceof PngError) throw error;
    if (filled < length) throw new PngError('its pixels are damaged');
  }
  if (filled < length) throw new PngError('it is cut short');
  return out;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Takes a row's filter back, in place (section 9.2); `step` is the bytes of a pixel. */
function unfilter(filter: number, line: Uint8Array, before: Uint8Array, step: number): void {
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = step; i < line.length; i++) line[i] += line[i - step];
      return;
    case 2:
      for (let i = 0; i < line.length; i++) line[i] += before[i];
      return;
    case 3:
      for (let i = 0; i < line.length; i++) {
        line[i] += ((i < step ? 0 : line[i - step]) + before[i]) >> 1;
      }
      return;
    case 4:
      for (let i = 0; i < line.length; i++) {
        const left = i < step ? 0 : line[i - step];
        const upperLeft = i < step ? 0 : before[i - step];
        line[i] += paeth(left, before[i], upperLeft);
      }
      return;
    default:
      throw new PngError(`filter ${filter} is not in the format`);
  }
}

function paeth(left: number, upper: number, upperLeft: number): number {
  const toLeft = Math.abs(upper - upperLeft);
  const toUpper = Math.abs(left - upperLeft);
  const toUpperLeft = Math.abs(left + upper - 2 * upperLeft);
  if (toLeft <= toUpper && toLeft <= toUpperLeft) return left;
  return toUpper <= toUpperLeft ? upper : upperLeft;
}

/** Sample `index` of a row, the leftmost in the high bits. */
function sample(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index];
  if (depth === 16) return (line[2 * index] << 8) | line[2 * index + 1];
  const bit = index * depth;
  return (line[bit >> 3] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Notices whether what is drawn can be seen on black. */
class Ink {
  #transparent = false;
  #brightest = 0;

  add(alpha: number, brightest: number): void {
    if (alpha < 0.5) this.#transparent = true;
    if (brightest > this.#brightest) this.#brightest = brightest;
  }

  get vanishes(): boolean {
    return this.#transparent && this.#brightest < 64;
  }
}

/** Writes grey and coloured pixels. */
class SampleWriter {
  readonly #header: PngHeader;
  readonly #channels: 1 | 3;
  readonly #hasAlpha: boolean;
  /** The one value that stands for "transparent" in a file without alpha. */
  readonly #key: readonly number[] | undefined;
  readonly #out: Uint8Array;
  readonly #ink = new Ink();

  constructor(header: PngHeader, transparency: Uint8Array | undefined) {
    this.#header = header;
    const { width, height, colourType } = header;
    this.#channels = colourType === GREY || colourType === GREY_ALPHA ? 1 : 3;
    this.#hasAlpha = colourType === GREY_ALPHA || colourType === COLOUR_ALPHA;
    if (transparency && !this.#hasAlpha && transparency.length >= 2 * this.#channels) {
      const mask = 2 ** header.depth - 1;
      this.#key = Array.from({ length: this.#channels }, (_, c) => sample(transparency, c, 16) & mask);
    }
    this.#out = new Uint8Array(width * height * this.#channels);
  }

  write(line: Uint8Array, column: number, pixel: number): void {
    const { depth } = this.#header;
    const channels = this.#channels;
    const to = pixel * channels;
    if (depth === 8 && !this.#hasAlpha && !this.#key) {
      for (let c = 0; c < channels; c++) this.#out[to + c] = line[column * channels + c];
      return;
    }
    const top = 2 ** depth - 1;
    const from = column * (channels + Number(this.#hasAlpha));
    let alpha = this.#hasAlpha ? sample(line, from + channels, depth) / top : 1;
    if (this.#key?.every((value, c) => sample(line, from + c, depth) === value)) alpha = 0;
    let brightest = 0;
    for (let c = 0; c < channels; c++) {
      const value = Math.round((sample(line, from + c, depth) * 255 * alpha) / top);
      this.#out[to + c] = value;
      if (value > brightest) brightest = value;
    }
    this.#ink.add(alpha, brightest);
  }

  image(): Image {
    const { width, height } = this.#header;
    const image = { width, height, channels: this.#channels, bytes: this.#out };
    return this.#ink.vanishes ? { ...image, vanishes: true } : image;
  }
}

/** Writes the colours of a palette; the picture is grey where all of the palette is. */
class PaletteWriter {
  readonly #header: PngHeader;
  readonly #colours: readonly (readonly number[])[];
  readonly #alphas: readonly number[];
  readonly #channels: 1 | 3;
  readonly #out: Uint8Array;
  readonly #ink = new Ink();

  constructor(header: PngHeader, palette: Uint8Array, transparency: Uint8Array | undefined) {
    this.#header = header;
    if (palette.length === 0 || palette.length % 3 !== 0) throw new PngError('its palette is damaged');
    const count = palette.length / 3;
    this.#alphas = Array.from({ length: count }, (_, i) => (transparency?.[i] ?? 255) / 255);
    this.#colours = Array.from({ length: count }, (_, i) =>
      [0, 1, 2].map((c) => Math.round(palette[3 * i + c] * this.#alphas[i])),
    );
    this.#channels = this.#colours.every(([r, g, b]) => r === g && g === b) ? 1 : 3;
    this.#out = new Uint8Array(header.width * header.height * this.#channels);
  }

  write(line: Uint8Array, column: number, pixel: number): void {
    const index = sample(line, column, this.#header.depth);
    const colour = this.#colours[index];
    if (!colour) throw new PngError(`it uses colour ${index} of a palette of ${this.#colours.length}`);
    for (let c = 0; c < this.#channels; c++) this.#out[pixel * this.#channels + c] = colour[c];
    this.#ink.add(this.#alphas[index], Math.max(...colour));
  }

  image(): Image {
    const { width, height } = this.#header;
    const image = { width, height, channels: this.#channels, bytes: this.#out };
    return this.#ink.vanishes ? { ...image, vanishes: true } : image;
  }
}
