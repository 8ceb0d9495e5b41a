// node bench/browser/inNode.mjs WORK IMAGES LABELS: prints the result of trainItems as JSON.
import { readFile } from 'node:fs/promises';
import { trainItems } from './trainItems.mjs';

const [work, images, labels] = process.argv.slice(2);
const bytes = { images: await readFile(images), labels: await readFile(labels) };
console.log(JSON.stringify(await trainItems(JSON.parse(work), bytes)));
