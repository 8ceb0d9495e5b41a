import { trainItems } from './trainItems.mjs';

const fetched = async (name) =>
  new Uint8Array(await (await fetch(new URL(`../data/mnist/${name}`, location.href))).arrayBuffer());

self.onmessage = async ({ data: work }) => {
  try {
    const [images, labels] = await Promise.all(
      ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'].map(fetched),
    );
    self.postMessage(await trainItems(work, { images, labels }));
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
