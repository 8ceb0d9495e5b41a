/**
 * The files of the built page, read whole and kept in memory (it is about a megabyte). The page may be rebuilt while it
 * is served: what is asked for is looked up in the folder again, and scripts of an earlier build are kept, because a page
 * that is open in a browser asks for its worker later.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** One version of a file. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Changes with the content. */
  readonly tag: string;
  /** Whether the name changes with the content, so that a browser may keep it for ever. */
  readonly immutable: boolean;
  /** The content compressed, once. */
  gzipped(): Promise<Uint8Array>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const compress = promisify(gzip);

export class PageFiles {
  readonly #folder: string;
  /** By path in the address, from `/` on. */
  #files = new Map<string, PageFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether there is a page. */
  async refresh(): Promise<boolean> {
    const found = await this.#read('').catch(() => new Map<string, PageFile>());
    const index = found.get('/index.html');
    // A build empties the folder first; the page of before serves until the new one is whole.
    if (!index) return this.#files.size > 0;
    const outdated = [...this.#files].filter(([, file]) => file.immutable);
    this.#files = new Map([...outdated, ...found, ['/', index]]);
    return true;
  }

  /** The file at that path of the address, as it is spelt there; nothing where the page has none. */
  async find(path: string): Promise<PageFile | undefined> {
    const known = this.#files.get(path);
    if (known?.immutable) return known;
    await this.refresh();
    return this.#files.get(path);
  }

  /** Links are not followed, and what a page's build does not make is not read. */
  async #read(inside: string): Promise<Map<string, PageFile>> {
    const files = new Map<string, PageFile>();
    for (const entry of await readdir(join(this.#folder, inside), { withFileTypes: true })) {
      const address = `${inside}/${entry.name}`;
      if (entry.isDirectory()) {
        for (const [below, file] of await this.#read(address)) files.set(below, file);
      }
      const type = types[extname(entry.name)];
      if (!entry.isFile() || !type) continue;
      const file = pageFile(await readFile(join(this.#folder, address)), type, inside === '/assets');
      const before = this.#files.get(address);
      files.set(address, before?.tag === file.tag ? before : file);
    }
    return files;
  }
}

function pageFile(bytes: Uint8Array, type: string, immutable: boolean): PageFile {
  let zipped: Promise<Uint8Array> | undefined;
  return {
    type,
    bytes,
    immutable,
    tag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    gzipped: () => (zipped ??= compress(bytes, { level: 9 })),
  };
}
