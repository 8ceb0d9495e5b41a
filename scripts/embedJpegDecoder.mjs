// Embeds libjpeg-turbo, compiled to WebAssembly by the package @cwasm/jpeg-turbo, in src/data/jpegTurboBytes.ts, so
// that it loads the same way in Node, in a bundle and in a page. Run it after another version is installed.
import { readFile, writeFile } from 'node:fs/promises';

const folder = 'node_modules/@cwasm/jpeg-turbo';
const bytes = await readFile(`${folder}/jpeg-turbo.wasm`);
const { version } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
const source = `/**
 * libjpeg-turbo (https://libjpeg-turbo.org), compiled to WebAssembly by @cwasm/jpeg-turbo ${version} (MIT). This software
 * is based in part on the work of the Independent JPEG Group. Copyright (C) 1991-2019 The libjpeg-turbo Project and
 * many others; IJG licence, modified BSD licence.
 *
 * Written by scripts/embedJpegDecoder.mjs; change that, not this. Read by jpegTurbo.ts.
 */
export const jpegTurboBase64: string =
  '${bytes.toString('base64')}';
`;
await writeFile('src/data/jpegTurboBytes.ts', source);
