import { createHash, randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/data/dataSet.js';
import { type DownloadProgress, download } from '../../src/data/node/download.js';
import type { DataFile } from '../../src/data/node/registry.js';
import { DiskError } from '../../src/data/node/transfer.js';
import { cutAfter, mirror, refuse, serve, serveWithoutRanges, stallAfter } from './mirror.js';
import { temporaryFolder } from './temporary.js';

// Random, so that it cannot shrink and a cut is in the middle of it.
const content = randomBytes(300_000);
const zipped = gzipSync(content);
const other = gzipSync(randomBytes(300_000));

const file: DataFile = {
  file: 'images',
  bytes: content.length,
  checksum: { algorithm: 'sha256', hex: createHash('sha256').update(content).digest('hex') },
  remote: 'images.gz',
};

/** The folder holds the whole file under its final name, and nothing else. */
async function expectWhole(folder: string, path: string): Promise<void> {
  expect(path).toBe(join(folder, 'images.gz'));
  expect((await readFile(path)).equals(zipped)).toBe(true);
  expect(await readdir(folder)).toEqual(['images.gz']);
}

describe('download', () => {
  test('fetches a file into a folder that it creates, and tells how far it is', async () => {
    const folder = join(await temporaryFolder(), 'cache', 'toy');
    const server = await mirror(serve(zipped));
    const seen: DownloadProgress[] = [];
    const path = await download(file, [server.address], folder, {
      onProgress: (progress) => seen.push(progress),
    });
    await expectWhole(folder, path);
    expect(server.ranges).toEqual([undefined]);
    expect(seen.at(-1)).toEqual({
      file: 'images',
      url: `${server.address}images.gz`,
      received: zipped.length,
      total: zipped.length,
    });
  });

  test('asks only for the rest after the connection was cut', async () => {
    const folder = await temporaryFolder();
    const server = await mirror(cutAfter(zipped, 100_000), serve(zipped));
    await expectWhole(folder, await download(file, [server.address], folder));
    expect(server.ranges).toEqual([undefined, 'bytes=100000-']);
  });

  test('goes on at another mirror, and in another call, where the last one stopped', async () => {
    const folder = await temporaryFolder();
    const cut = await mirror(cutAfter(zipped, 100_000), refuse(500));
    await expect(download(file, [cut.address], folder)).rejects.toThrow('the server answered 500');
    expect(await readdir(folder)).toEqual(['images.gz.part']);
    const second = await mirror(serve(zipped));
    await expectWhole(folder, await download(file, [second.address], folder));
    expect(second.ranges).toEqual(['bytes=100000-']);
  });

  test('gives up a server that cuts every time', async () => {
    const folder = await temporaryFolder();
    const server = await mirror(cutAfter(zipped, 50_000));
    await expect(download(file, [server.address], folder)).rejects.toThrow(
      /could not download images:\n {2}http/,
    );
    expect(server.ranges).toHaveLength(4);
    expect(await readdir(folder)).toEqual(['images.gz.part']);
  });

  test('restarts cleanly at a server that ignores Range', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'images.gz.part'), randomBytes(400_000));
    const server = await mirror(serveWithoutRanges(zipped));
    await expectWhole(folder, await download(file, [server.address], folder));
    expect(server.ranges).toEqual(['bytes=400000-']);
  });

  test('restarts at a server that answers with another range than asked for', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'images.gz.part'), zipped.subarray(0, 1000));
    const server = await mirror((_request, response) => {
      response.writeHead(206, { 'content-range': `bytes 500-${zipped.length - 1}/${zipped.length}` });
      response.end(zipped.subarray(500));
    }, serve(zipped));
    await expectWhole(folder, await download(file, [server.address], folder));
    expect(server.ranges).toEqual(['bytes=1000-', undefined]);
  });

  test('restarts when what was there does not fit what came', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'images.gz.part'), other.subarray(0, 100_000));
    const server = await mirror(serve(zipped));
    await expectWhole(folder, await download(file, [server.address], folder));
    expect(server.ranges).toEqual(['bytes=100000-', undefined]);
  });

  test('keeps a part that was whole already', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'images.gz.part'), zipped);
    const server = await mirror(serve(zipped));
    await expectWhole(folder, await download(file, [server.address], folder));
    expect(server.ranges).toEqual([`bytes=${zipped.length}-`]);
  });

  test('keeps content that a server or proxy unzipped on the way under the unzipped name', async () => {
    const folder = await temporaryFolder();
    const server = await mirror((_request, response) => {
      response.writeHead(200, { 'content-length': zipped.length, 'content-encoding': 'gzip' }).end(zipped);
    });
    const path = await download(file, [server.address], folder);
    expect(path).toBe(join(folder, 'images'));
    expect((await readFile(path)).equals(content)).toBe(true);
    expect(await readdir(folder)).toEqual(['images']);
  });

  test('removes what has the wrong checksum, and says so', async () => {
    const folder = await temporaryFolder();
    const server = await mirror(serve(other));
    const failure = await download(file, [server.address], folder).catch((error: Error) => error.message);
    expect(failure).toContain(`expected ${file.checksum.hex}; what arrived was removed`);
    expect(server.ranges).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    [
      'a damaged gzip file',
      zipped.subarray(0, 200_000),
      'it is a damaged gzip file; what arrived was removed',
    ],
    ['a login page', Buffer.from('<html>Please log in'), 'what arrived was removed'],
    ['an endless file', Buffer.alloc(1_000_000), 'it is not the wanted file: more than'],
  ])('does not keep %s', async (_what, bytes, message) => {
    const folder = await temporaryFolder();
    const server = await mirror(serve(bytes));
    await expect(download(file, [server.address], folder)).rejects.toThrow(message);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.part'))).toEqual([]);
    // And it does not spoil the next try.
    await expectWhole(folder, await download(file, [(await mirror(serve(zipped))).address], folder));
  });

  test.each([404, 503])('takes the next mirror after %i', async (status) => {
    const folder = await temporaryFolder();
    const [first, second] = [await mirror(refuse(status)), await mirror(serve(zipped))];
    await expectWhole(folder, await download(file, [first.address, second.address], folder));
    expect(first.ranges).toHaveLength(1);
  });

  test('takes the next mirror when one cannot be reached, sends something else, or stalls', async () => {
    const folder = await temporaryFolder();
    const mirrors = [
      'http://127.0.0.1:1/',
      (await mirror(serve(other))).address,
      (await mirror(stallAfter(zipped, 10_000))).address,
      (await mirror(stallAfter(zipped, 0))).address,
    ];
    const failure = await download(file, mirrors, folder, { stallMs: 100 }).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(DataError);
    const lines = String(failure).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[2]).toContain('what arrived was removed');
    expect(lines[3]).toContain('nothing arrived for 0.1 seconds');
    const good = await mirror(serve(zipped));
    await expectWhole(folder, await download(file, [...mirrors, good.address], folder, { stallMs: 100 }));
  });

  test('stops when aborted, keeps what arrived, and goes on from there later', async () => {
    const folder = await temporaryFolder();
    const server = await mirror(stallAfter(zipped, 150_000), serve(zipped));
    const controller = new AbortController();
    const stopped = download(file, [server.address, server.address], folder, {
      signal: controller.signal,
      onProgress: ({ received }) => received >= 150_000 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.ranges).toHaveLength(1);
    expect((await stat(join(folder, 'images.gz.part'))).size).toBe(150_000);
    await expectWhole(folder, await download(file, [server.address], folder));
    expect(server.ranges).toEqual([undefined, 'bytes=150000-']);
  });

  test('asks nobody when aborted before it starts', async () => {
    const server = await mirror(serve(zipped));
    const options = { signal: AbortSignal.abort() };
    await expect(download(file, [server.address], await temporaryFolder(), options)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(server.ranges).toEqual([]);
  });

  const full = existsSync('/dev/full');
  test.skipIf(!full)(
    `says that no space is left, asks no other mirror and leaves nothing${full ? '' : ' (skipped: no /dev/full)'}`,
    async () => {
      const folder = await temporaryFolder();
      await symlink('/dev/full', join(folder, 'images.gz.part'));
      const [first, second] = [await mirror(serve(zipped)), await mirror(serve(zipped))];
      const failure = await download(file, [first.address, second.address], folder).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(DiskError);
      expect(failure).toMatchObject({ code: 'ENOSPC' });
      expect((failure as Error).message).toMatch(
        /^cannot write .*images\.gz\.part: no space is left there; free some/,
      );
      expect(second.ranges).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('says which folder cannot be created', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'cache'), 'a file where a folder should be');
    const server = await mirror(serve(zipped));
    await expect(download(file, [server.address], join(folder, 'cache', 'toy'))).rejects.toThrow(
      /^cannot create .*toy/,
    );
  });

  test.each([
    ['half a gzip file', zipped.subarray(0, 1000)],
    ['no gzip file yet', Buffer.alloc(1000)],
  ])('takes the whole file of a faster download where a third one has just begun: %s', async (_, begun) => {
    const folder = await temporaryFolder();
    const part = join(folder, 'images.gz.part');
    const server = await mirror(serve(zipped));
    const path = await download(file, [server.address], folder, {
      onProgress: ({ received }) => {
        if (received < zipped.length) return;
        renameSync(part, join(folder, 'images.gz'));
        writeFileSync(part, begun);
      },
    });
    expect((await readFile(path)).equals(zipped)).toBe(true);
    // The third one goes on.
    expect((await readFile(part)).equals(begun)).toBe(true);
  });

  test('gives several downloads of the same file at once the same whole file', async () => {
    for (let round = 0; round < 10; round++) {
      const folder = join(await temporaryFolder(), 'toy');
      await mkdir(folder);
      const server = await mirror(serve(zipped));
      // Some come when others are half done, or done.
      const paths = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => {
          await setTimeout(i * 0.5 * round);
          return download(file, [server.address], folder);
        }),
      );
      for (const path of paths) await expectWhole(folder, path);
    }
  });
});
