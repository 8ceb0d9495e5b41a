/** What the server may send, decided once at the start: whoever asks for anything else gets nothing. */
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { dataSetEntries } from '../data/node/registry.js';
import { describeDataSet } from '../data/node/load.js';

/** A file and how to send it. */
export interface ServedFile {
  readonly path: string;
  readonly type: string;
  /** As it lies on the disk. */
  readonly gzipped: boolean;
  readonly kind: 'page' | 'asset' | 'data';
}

/** By path in the address, from `/` on. */
export type ServedFiles = ReadonlyMap<string, ServedFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * The page's files in `folder`; nothing where there is no page. Links are not followed, and what the page's build does
 * not make is not sent.
 */
export async function pageFiles(folder: string): Promise<ServedFiles | undefined> {
  const files = new Map<string, ServedFile>();
  const list = async (inside: string): Promise<void> => {
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true })) {
      const address = `${inside}/${entry.name}`;
      if (entry.isDirectory()) await list(address);
      const type = types[extname(entry.name)];
      if (!entry.isFile() || !type) continue;
      // Names in assets/ change with their content.
      const kind = inside === '/assets' ? 'asset' : 'page';
      files.set(address, { path: join(folder, address), type, gzipped: false, kind });
    }
  };
  await list('').catch(() => {});
  const index = files.get('/index.html');
  if (!index) return undefined;
  return files.set('/', index);
}

export interface ServedDataSets {
  readonly files: ServedFiles;
  /** What `data/index.json` says. */
  readonly index: {
    readonly dataSets: readonly { name: string; title: string; classes: readonly string[] }[];
  };
}

/** Small enough for a page, and in a format that it reads. */
const offered = ['mnist', 'fashion-mnist'];

/** The IDX files of known data sets that are whole on this machine, as training finds them. */
export async function dataFiles(options: { dataDir?: string | undefined }): Promise<ServedDataSets> {
  const files = new Map<string, ServedFile>();
  const dataSets = [];
  for (const { name, title, classes } of dataSetEntries.filter((entry) => offered.includes(entry.name))) {
    const { available, found } = await describeDataSet(name, options);
    if (!available) continue;
    dataSets.push({ name, title, classes });
    for (const { file, path } of found) {
      files.set(`/data/${name}/${file}`, {
        ...{ path, type: 'application/octet-stream', kind: 'data' },
        gzipped: path.endsWith('.gz'),
      });
    }
  }
  return { files, index: { dataSets } };
}
