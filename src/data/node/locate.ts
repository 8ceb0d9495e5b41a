/** Where data set files are looked for on this machine, and where downloads go. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { homeFolder } from '../../node/home.js';

/** A folder that is searched, and why, in words for the user. */
export interface Place {
  readonly folder: string;
  readonly why: '--data-dir' | '$SELFTARGET_DATA' | 'cache' | 'system';
}

/** What decides the places; the defaults are this process's. Tests pass their own. */
export interface Surroundings {
  env?: Readonly<Record<string, string | undefined>>;
  platform?: string;
  /** `null` for a user without a home folder. */
  home?: string | null;
}

/** Debian's packages such as dataset-fashion-mnist put `<name>/<file>.gz` here. */
const systemFolder = '/usr/share/datasets';

/**
 * The user's cache folder of selftarget: `$XDG_CACHE_HOME/selftarget` or `~/.cache/selftarget`;
 * `%LOCALAPPDATA%\selftarget` on Windows. Downloads are put in `<cache>/<name of the data set>/`. Nothing where the user
 * has no home folder and no variable names another place.
 */
export function cacheFolder(surroundings: Surroundings = {}): string | undefined {
  const { env = process.env, platform = process.platform, home = homeFolder() } = surroundings;
  if (platform === 'win32') {
    const local = env.LOCALAPPDATA || (home && path.win32.join(home, 'AppData', 'Local'));
    return local ? path.win32.join(local, 'selftarget') : undefined;
  }
  // The XDG specification has relative paths ignored.
  const xdg = env.XDG_CACHE_HOME;
  const caches = xdg && path.posix.isAbsolute(xdg) ? xdg : home && path.posix.join(home, '.cache');
  return caches ? path.posix.join(caches, 'selftarget') : undefined;
}

/** The places to search, first the one that counts most. */
export function searchPlaces(dataDir?: string, surroundings: Surroundings = {}): Place[] {
  const { env = process.env, platform = process.platform } = surroundings;
  const places: Place[] = [];
  if (dataDir) places.push({ folder: dataDir, why: '--data-dir' });
  if (env.SELFTARGET_DATA) places.push({ folder: env.SELFTARGET_DATA, why: '$SELFTARGET_DATA' });
  const cache = cacheFolder(surroundings);
  if (cache !== undefined) places.push({ folder: cache, why: 'cache' });
  if (platform !== 'win32') places.push({ folder: systemFolder, why: 'system' });
  return places;
}

/**
 * The paths at which a place may have a file, in the order in which they count: `<name>/<file>`, gzipped or not,
 * and the file itself when the place is the data set's own folder.
 */
export function candidates(name: string, file: string, place: Place): string[] {
  const inside = path.join(place.folder, name, file);
  const paths = [inside, `${inside}.gz`];
  if (path.basename(path.resolve(place.folder)) === name) {
    const direct = path.join(place.folder, file);
    paths.push(direct, `${direct}.gz`);
  }
  return paths;
}

/** A file that was found. */
export interface Located {
  readonly path: string;
  readonly place: Place;
}

/** The first of the places' candidates that is a file; undefined when there is none. */
export async function locateFile(
  name: string,
  file: string,
  places: readonly Place[],
): Promise<Located | undefined> {
  for (const place of places) {
    for (const candidate of candidates(name, file, place)) {
      if (await isFile(candidate)) return { path: candidate, place };
    }
  }
  return undefined;
}

/** Whether a file is there and can be seen. */
export async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    // Missing, or in a folder that may not be entered: not here, in either case.
    return false;
  }
}
