/** What both the page and Node read, through the data part's public interface. */
import {
  applyLabelFile,
  type CsvSource,
  csvDataSet,
  type DataSet,
  imageFolder,
  svhn,
} from '../../../src/data/index.js';

export const tableText = 'label,a,b\ncat,1,2\ndog,3,4\ncat,1,5\ndog,2,"255"\n';

export async function readOwnData(fixture: (name: string) => Promise<Uint8Array>, source: CsvSource) {
  const table = await csvDataSet({ name: 'pets.csv', source });
  const named = {
    'up/1.png': 'grey.png',
    'up/2.jpg': 'grey.jpg',
    'down/1.png': 'grey.png',
    'down/2.jpg': 'grey.jpg',
  };
  const files = Object.entries(named).map(([path, name]) => ({ path, read: () => fixture(name) }));
  const pictures = await imageFolder({ name: 'pets', files });
  const names = pictures.train.itemNames ?? [];
  const labelFile = ['item,label', ...names.map((name) => `${name},${name.split('/')[0]}`)].join('\n');
  const numbers = svhn('svhn', { source: 'svhn.mat', bytes: await fixture('svhnCompressed.mat') });
  return {
    table: summary(table.train),
    pictures: summary(applyLabelFile(pictures.train, labelFile, 'few.csv')),
    numbers: summary(numbers),
  };
}

function summary(data: DataSet) {
  const values = new Float32Array(data.width);
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    data.read(i, values, 0);
    for (const value of values) sum += value;
  }
  return { shape: data.shape, classes: data.classes, labels: [...data.labels], sum };
}
