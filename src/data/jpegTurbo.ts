/**
 * libjpeg-turbo in WebAssembly: the decoder that browsers and most other programs use, so that a file looks the same
 * everywhere, in a tenth of the time of a decoder in JavaScript. It can decode to an eighth, a quarter or a half of the
 * size, which is several times faster again.
 */
import { jpegTurboBase64 } from './jpegTurboBytes.js';

/** How pixels are asked for (TJPF in turbojpeg.h), and the bytes of each. */
const formats = {
  rgb: { code: 0, bytes: 3 },
  grey: { code: 6, bytes: 1 },
  cmyk: { code: 11, bytes: 4 },
} as const;

export type JpegFormat = keyof typeof formats;

/** The file is damaged, cut short, or of a kind that the library does not read. */
export class JpegDataError extends Error {}

/** The parts of the library's interface that the build has (turbojpeg.h); addresses are numbers. */
interface TurboJpeg {
  readonly memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  free(address: number): void;
  tjInitDecompress(): number;
  tjDestroy(handle: number): number;
  tjDecompress2(
    handle: number,
    from: number,
    length: number,
    to: number,
    width: number,
    pitch: number,
    height: number,
    format: number,
    flags: number,
  ): number;
}

/** Decodes files one after the other, in memory that is kept for the next. */
export class JpegTurbo {
  static #module: WebAssembly.Module | undefined;
  #library: TurboJpeg | undefined;

  /**
   * @param shrink the size is divided by this, and rounded up
   * @throws JpegDataError for a file that the library finds anything wrong with
   */
  decode(
    bytes: Uint8Array,
    size: { readonly width: number; readonly height: number },
    format: JpegFormat,
    shrink: 1 | 2 | 4 | 8 = 1,
  ): { width: number; height: number; bytes: Uint8Array } {
    const width = Math.ceil(size.width / shrink);
    const height = Math.ceil(size.height / shrink);
    const pixel = formats[format];
    const length = width * height * pixel.bytes;
    this.#library ??= JpegTurbo.#instantiate();
    const library = this.#library;
    try {
      const from = allocate(library, bytes.length);
      new Uint8Array(library.memory.buffer, from, bytes.length).set(bytes);
      const to = allocate(library, length);
      const handle = library.tjInitDecompress();
      const pitch = width * pixel.bytes;
      const failed = library.tjDecompress2(
        handle,
        from,
        bytes.length,
        to,
        width,
        pitch,
        height,
        pixel.code,
        0,
      );
      const out = new Uint8Array(library.memory.buffer, to, length).slice();
      library.tjDestroy(handle);
      library.free(to);
      library.free(from);
      // It also fails where it has put up with damage.
      if (failed !== 0) throw new JpegDataError('its pixels are damaged or cut short');
      return { width, height, bytes: out };
    } catch (error) {
      if (error instanceof JpegDataError) throw error;
      // After a jump out of the middle, nothing in that memory can be trusted.
      this.#library = undefined;
      if (error instanceof Stopped || error instanceof WebAssembly.RuntimeError) {
        throw new JpegDataError('its pixels or its tables are damaged or missing');
      }
      throw error;
    }
  }

  static #instantiate(): TurboJpeg {
    JpegTurbo.#module ??= new WebAssembly.Module(
      Uint8Array.from(atob(jpegTurboBase64), (letter) => letter.charCodeAt(0)),
    );
    let library: TurboJpeg | undefined;
    const stop = (): never => {
      throw new Stopped();
    };
    const imports = {
      // The library leaves by longjmp where it finds a fault; here that is an exception.
      env: { setjmp: () => 0, longjmp: stop },
      wasi_snapshot_preview1: {
        environ_sizes_get(count: number, size: number) {
          const view = new DataView((library as TurboJpeg).memory.buffer);
          view.setUint32(count, 0, true);
          view.setUint32(size, 0, true);
          return 0;
        },
        environ_get: () => 0,
        proc_exit: stop,
        fd_close: () => 0,
        fd_seek: () => 0,
        fd_write: stop,
      },
    };
    library = new WebAssembly.Instance(JpegTurbo.#module, imports).exports as unknown as TurboJpeg;
    return library;
  }
}

class Stopped extends Error {}

function allocate(library: TurboJpeg, bytes: number): number {
  const address = library.malloc(bytes);
  if (address === 0) throw new RangeError(`${bytes} bytes of memory for a picture are not available`);
  return address >>> 0;
}
