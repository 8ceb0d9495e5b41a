import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheFolder, candidates, locateFile, type Place, searchPlaces } from '../../src/data/node/locate.js';
import { temporaryFolder } from './temporary.js';

const linux = { platform: 'linux', home: '/home/me' };

describe('the places', () => {
  test('leave the cache out for a user without a home folder, unless a variable names one', () => {
    const homeless = { platform: 'linux', home: null };
    expect(searchPlaces('/given', { ...homeless, env: {} }).map(({ why }) => why)).toEqual([
      '--data-dir',
      'system',
    ]);
    expect(cacheFolder({ ...homeless, env: {} })).toBeUndefined();
    expect(cacheFolder({ ...homeless, env: { XDG_CACHE_HOME: '/var/me' } })).toBe('/var/me/selftarget');
  });

  test('are --data-dir, $SELFTARGET_DATA, the cache and the system, in this order', () => {
    const places = searchPlaces('/given', { ...linux, env: { SELFTARGET_DATA: '/data' } });
    expect(places.map(({ folder, why }) => `${why} ${folder}`)).toEqual([
      '--data-dir /given',
      '$SELFTARGET_DATA /data',
      'cache /home/me/.cache/selftarget',
      'system /usr/share/datasets',
    ]);
    expect(searchPlaces(undefined, { ...linux, env: { SELFTARGET_DATA: '' } }).map(({ why }) => why)).toEqual(
      ['cache', 'system'],
    );
  });

  test('follow XDG_CACHE_HOME where it is absolute', () => {
    expect(cacheFolder({ ...linux, env: { XDG_CACHE_HOME: '/var/me' } })).toBe('/var/me/selftarget');
    expect(cacheFolder({ ...linux, env: { XDG_CACHE_HOME: 'me' } })).toBe('/home/me/.cache/selftarget');
  });

  test('are in LOCALAPPDATA on Windows, without a system folder', () => {
    const windows = { platform: 'win32', home: 'C:\\Users\\me', env: { LOCALAPPDATA: 'D:\\Local' } };
    expect(searchPlaces(undefined, windows)).toEqual([{ folder: 'D:\\Local\\selftarget', why: 'cache' }]);
    expect(cacheFolder({ ...windows, env: {} })).toBe('C:\\Users\\me\\AppData\\Local\\selftarget');
  });
});

/** Two places, and empty files under their root. */
async function placesWith(...files: string[]): Promise<{ root: string; places: Place[] }> {
  const root = await temporaryFolder();
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
  const places: Place[] = [
    { folder: join(root, 'a'), why: '--data-dir' },
    { folder: join(root, 'toy'), why: 'cache' },
  ];
  return { root, places };
}

describe('locateFile', () => {
  /** In the order in which they count. */
  const order = [
    'a/toy/images',
    'a/toy/images.gz',
    'toy/toy/images',
    'toy/toy/images.gz',
    'toy/images',
    'toy/images.gz',
  ];

  test.each(order)('prefers %s to all that come after it', async (first) => {
    const { root, places } = await placesWith(...order.slice(order.indexOf(first)));
    expect((await locateFile('toy', 'images', places))?.path).toBe(join(root, first));
  });

  test('does not take a file beside the data set folders for one of the data set', async () => {
    const { places } = await placesWith('a/images', 'a/images.gz', 'a/other/images', 'toy/images.gz.part');
    expect(await locateFile('toy', 'images', places)).toBeUndefined();
  });

  test('does not take a folder for a file', async () => {
    const { root, places } = await placesWith('a/toy/images/inside', 'toy/images');
    expect(await locateFile('toy', 'images', places)).toEqual({
      path: join(root, 'toy/images'),
      place: places[1],
    });
  });

  test("knows where Debian's package puts Fashion-MNIST", () => {
    // As `dpkg -c` lists dataset-fashion-mnist 0.0~git20200523.55506a9-1.
    const system = searchPlaces(undefined, { ...linux, env: {} }).at(-1) as Place;
    expect(candidates('fashion-mnist', 'train-images-idx3-ubyte', system)).toContain(
      '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz',
    );
  });
});
