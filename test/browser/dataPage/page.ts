/** Reads data of one's own, and shows what came of it as its title. */
import { readOwnData, tableText } from './readOwnData.js';

async function fetched(name: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`/fixtures/${name}`)).arrayBuffer());
}

readOwnData(fetched, new File([tableText], 'pets.csv')).then(
  (result) => {
    document.title = JSON.stringify(result);
  },
  (error) => {
    document.title = JSON.stringify({ error: String(error) });
  },
);
