/**
 * Writes src/data/digitsBytes.ts, the built-in data set as text:
 *
 *   node scripts/embedDigits.mjs ../shared/data/digits.csv.gz
 *
 * The source is the file that scikit-learn ships as digits.csv.gz: one row an image, 64 pixels (8x8, 0 to 16) and
 * the label. The result is committed, so nobody needs the source to build. src/data/digits.ts reads it back.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { deflateSync } from 'fflate';

const source = process.argv[2];
if (!source) {
  console.error('usage: node scripts/embedDigits.mjs <digits.csv.gz>');
  process.exit(2);
}

const rows = gunzipSync(readFileSync(source))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(',').map(Number));
for (const [i, row] of rows.entries()) {
  const label = row[64];
  if (row.length !== 65 || row.some((v) => !Number.isInteger(v) || v < 0 || v > 16) || label > 9) {
    throw new Error(`${source}, row ${i + 1}: expected 64 pixels from 0 to 16 and a label from 0 to 9`);
  }
}

// Labels first, in the rows' order. Then the pixels, all items' first pixel, all items' second, ..., with the items
// sorted by class: neighbours are then alike, which makes the deflated bytes a sixth smaller. The labels tell how
// to undo the sorting.
const byClass = rows.map((_, i) => i).toSorted((a, b) => rows[a][64] - rows[b][64] || a - b);
const bytes = rows.map((row) => row[64]);
for (let pixel = 0; pixel < 64; pixel++) for (const i of byClass) bytes.push(rows[i][pixel]);

const base64 = Buffer.from(deflateSync(Uint8Array.from(bytes), { level: 9 })).toString('base64');
const lines = base64.match(/.{1,116}/g) ?? [];
writeFileSync(
  fileURLToPath(new URL('../src/data/digitsBytes.ts', import.meta.url)),
  `/**
 * Optical Recognition of Handwritten Digits, test part. E. Alpaydin, C. Kaynak, UCI Machine Learning Repository,
 * 1998, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Layout changed, values unchanged.
 *
 * Written by scripts/embedDigits.mjs; change that, not this. Read by digits.ts.
 */

/** Images in this file. */
export const digitsCount = ${rows.length};

/** ${rows.length} labels, then the pixels, deflated, in base64. Line breaks are white space, which atob skips. */
export const digitsBase64: string = \`
${lines.join('\n')}
\`;
`,
);
console.log(`src/data/digitsBytes.ts: ${rows.length} images in ${base64.length} characters`);
