/** The data set that the visitor chose: built in, lying beside the page, or dropped in. */
import { DataError, digits, idxDataSet, type NamedBytes, type SplitDataSet } from 'selftarget';
import type { DataChoice, ServedDataSet } from '../protocol.js';

/** Throws a DataError that says what does not fit. */
export async function openData(choice: DataChoice): Promise<SplitDataSet> {
  switch (choice.kind) {
    case 'digits':
      return digits();
    case 'served':
      return served(choice.set, choice.folder);
    case 'own':
      return (await import('./ownData.js')).ownData(choice);
  }
}

/** Four IDX files, named as MNIST's are. */
async function served({ name, classes }: ServedDataSet, folder: string): Promise<SplitDataSet> {
  const part = async (prefix: string, title: string) => {
    const [images, labels] = await Promise.all([
      fetched(`${folder}${name}/${prefix}-images-idx3-ubyte`),
      fetched(`${folder}${name}/${prefix}-labels-idx1-ubyte`),
    ]);
    return idxDataSet({ name: `${name} (${title})`, images, labels, classes });
  };
  const [train, test] = await Promise.all([part('train', 'train'), part('t10k', 'test')]);
  return { name, train, test };
}

async function fetched(address: string): Promise<NamedBytes> {
  const source = address.slice(address.lastIndexOf('/') + 1);
  const response = await fetch(address).catch((error) => {
    throw new DataError(`${source} cannot be fetched; is the server still running?`, { cause: error });
  });
  if (!response.ok) throw new DataError(`${source} cannot be fetched: the server says ${response.status}`);
  return { source, bytes: new Uint8Array(await response.arrayBuffer()) };
}
