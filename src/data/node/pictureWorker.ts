/** The other thread's side of pictureWorkers.ts: reads, digests and decodes one file at a time. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { DataError } from '../dataSet.js';
import { toPicture } from '../pictures.js';
import { Resampler } from '../resample.js';
import type { PictureAnswer, PictureJob, PictureWorkerData } from './pictureWorkers.js';

const { image, known } = workerData as PictureWorkerData;
const resampler = image && new Resampler(image);

parentPort?.on('message', async (job: PictureJob) => {
  const answer = await carryOut(job);
  const bytes = answer.picture?.bytes.buffer;
  parentPort?.postMessage(answer, bytes instanceof ArrayBuffer ? [bytes] : []);
});

async function carryOut({ id, source, content, location }: PictureJob): Promise<PictureAnswer> {
  try {
    const bytes = content ?? new Uint8Array(await readFile(location as string));
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (known.has(digest)) return { id, digest };
    return { id, digest, picture: toPicture({ source, bytes }, image, resampler) };
  } catch (error) {
    if (error instanceof DataError) return { id, refusal: error.message };
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    return { id, failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}
