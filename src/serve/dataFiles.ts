/** The data sets that the page may ask for: known ones that are whole on this machine. */
import { describeDataSet } from '../data/node/load.js';
import { dataSetEntries } from '../data/node/registry.js';

export interface ServedDataSets {
  /** Paths of files by path in the address. */
  readonly files: ReadonlyMap<string, string>;
  /** What `data/index.json` says. */
  readonly index: {
    readonly dataSets: readonly { name: string; title: string; classes: readonly string[] }[];
  };
}

/** Small enough for a page, and in a format that it reads. */
const offered = ['mnist', 'fashion-mnist'];

/** The IDX files of known data sets, as training finds them. */
export async function findDataSets(options: { dataDir?: string | undefined }): Promise<ServedDataSets> {
  const files = new Map<string, string>();
  const dataSets = [];
  for (const { name, title, classes } of dataSetEntries.filter((entry) => offered.includes(entry.name))) {
    const { available, found } = await describeDataSet(name, options);
    if (!available) continue;
    dataSets.push({ name, title, classes });
    for (const { file, path } of found) files.set(`/data/${name}/${file}`, path);
  }
  return { files, index: { dataSets } };
}
