/** The paper's tables and figures: carries out the runs that are missing, and renders what there is. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { encode } from 'fast-png';
import type { RunConfig } from '../run/config.js';
import { ConfigError, RunError } from '../run/errors.js';
import { evaluateRun } from '../run/evaluate.js';
import type { RunEvent } from '../run/events.js';
import { writeWhole } from '../run/files.js';
import { listPresets } from '../run/presets.js';
import { suggestion } from '../run/suggestion.js';
import { train } from '../run/train.js';
import { scatter } from '../view/charts/scatter.js';
import { standaloneSvg } from '../view/charts/standalone.js';
import type { Pixels } from '../view/images/imageGrid.js';
import { accuracyOf, isComplete } from '../view/report/runRecord.js';
import { type Artefact, artefacts, type WantedRun } from './catalogue.js';
import { type PictureFile, reproductionPage } from './page.js';
import { networks } from './tables.js';
import { RunSet, type Trial, wantedConfig } from './runSet.js';
import { drawingTools } from '../view/node/drawing.js';
import { portraitOfRun } from '../view/node/portraitOfRun.js';
import { type ReadRun, readRunFolders, readRunRecord } from '../view/node/readRuns.js';

export interface ReproduceOptions extends Trial {
  /** Names from the catalogue; all by default. */
  readonly names?: readonly string[] | undefined;
  /** Seeds 1 to n. */
  readonly seeds: number;
  /** Where run folders are looked for and made; what cannot be read there is passed over. */
  readonly runs: string;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** A line for people about what is done next. */
  readonly onStep?: ((line: string) => void) | undefined;
}

export interface Carried {
  readonly runs: readonly ReadRun[];
  /** Why something is not there, by the catalogue's names. */
  readonly missing: ReadonlyMap<string, string>;
  readonly interrupted: boolean;
}

/** The entries of the catalogue called `names`. Throws {@link ConfigError} with the nearest name for others. */
export function findArtefacts(names: readonly string[] | undefined): readonly Artefact[] {
  if (names === undefined) return artefacts;
  const known = artefacts.map(({ name }) => name);
  return names.map((name) => {
    const found = artefacts.find((artefact) => artefact.name === name);
    if (!found) {
      throw new ConfigError(
        `there is no table or figure "${name}"${suggestion(name, known)}; "selftarget reproduce --list" names them`,
      );
    }
    return found;
  });
}

/** The presets that an entry needs and that are not there yet. */
export function unknownPresets({ runs }: Artefact): string[] {
  const known = new Set(listPresets().map(({ name }) => name));
  return [...new Set(runs.map(({ preset }) => preset))].filter((preset) => !known.has(preset));
}

/** Carries out what is missing, or half done; what is complete is taken as it is. */
export async function carryOut(options: ReproduceOptions): Promise<Carried> {
  const { names, seeds, runs: folder, signal, onEvent, onStep } = options;
  const missing = new Map<string, string>();
  const done = new Map<string, ReadRun>();
  for (const artefact of findArtefacts(names)) {
    const unknown = unknownPresets(artefact);
    if (unknown.length > 0) {
      missing.set(artefact.name, `Not run: there is no preset ${unknown.join(', ')} yet.`);
    }
    for (const wanted of artefact.runs) {
      if (unknown.includes(wanted.preset)) continue;
      for (let seed = 1; seed <= seeds; seed++) {
        const config = wantedConfig(wanted.preset, wanted.settings, options, seed);
        const there = await findRun(folder, config);
        if (there && isComplete(there.run)) onStep?.(`${there.files.folder}: complete`);
        else {
          const going = there
            ? { resume: there.files.folder }
            : { out: await freeFolder(folder, wanted, config) };
          onStep?.(there ? `${there.files.folder}: resuming` : `${going.out}: starting`);
          const { threads, dataDir } = options;
          const { preset } = wanted;
          for await (const event of train({ config, preset, ...going, threads, dataDir, signal })) {
            onEvent?.(event);
            if (event.event === 'interrupted')
              return { runs: [...done.values()], missing, interrupted: true };
          }
        }
        const run = await findRun(folder, config);
        if (!run) throw new RunError(`${folder}: the run just carried out cannot be found`);
        done.set(run.files.folder, await measureShares(run, wanted, options));
      }
    }
  }
  return { runs: [...done.values()], missing, interrupted: false };
}

async function findRun(folder: string, config: RunConfig): Promise<ReadRun | undefined> {
  const wanted = JSON.stringify(config);
  const found = (await readRunFolders(folder, () => undefined)).filter(
    ({ run }) => JSON.stringify(run.config) === wanted,
  );
  return found.find(({ run }) => isComplete(run)) ?? found[0];
}

async function freeFolder(folder: string, { preset, name = preset }: WantedRun, config: RunConfig) {
  for (let number = 1; ; number++) {
    const path = join(folder, `${name}-seed${config.seed}${number === 1 ? '' : `-${number}`}`);
    const taken = await stat(join(path, 'config.json')).then(
      () => true,
      () => false,
    );
    if (!taken) return path;
  }
}

/** Readouts with more or fewer labels, where the log has none. */
async function measureShares(read: ReadRun, { shares = [] }: WantedRun, options: ReproduceOptions) {
  const { threads, dataDir, signal, onStep } = options;
  const { folder } = read.files;
  let changed = false;
  for (const untrained of [false, true]) {
    for (const labels of shares) {
      const known = accuracyOf(read.run, untrained ? 'untrained' : 'trained', labels);
      if (known?.['linear-classifier'] !== undefined) continue;
      const command = `selftarget evaluate ${folder} --labels ${labels}${untrained ? ' --untrained' : ''}`;
      onStep?.(command);
      await evaluateRun(folder, { labels, untrained, threads, dataDir, signal, command });
      changed = true;
    }
  }
  return changed ? readRunRecord(folder) : read;
}

export interface RenderOptions extends Trial {
  readonly names?: readonly string[] | undefined;
  readonly runs: readonly ReadRun[];
  readonly missing?: ReadonlyMap<string, string> | undefined;
  /** Folder of the run folders, and of the page. */
  readonly runsFolder: string;
  readonly out: string;
  readonly command: string;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The page's name in its folder, and that of the folder of its figures. */
const pageName = 'reproduction.md';
const figuresName = 'figures';

/** The files of the reproduction by their path; nothing is written. */
export async function renderReproduction(options: RenderOptions): Promise<Map<string, string | Uint8Array>> {
  const { names, runs, missing, runsFolder, out, command, epochs, settings } = options;
  const set = new RunSet(
    runs.map(({ run }) => run),
    { epochs, settings },
  );
  const pictures = await picturesOf(options, set);
  const there = await readdir(join(out, figuresName)).catch((): string[] => []);
  const { markdown, figures } = reproductionPage(set, {
    ...{ names, missing, command, document: drawingTools().document },
    trial: set.isTrial ? inWords({ epochs, settings }) : undefined,
    pictures: [...pictures, ...keptPictures(there, pictures, set)],
    runsFolder: relative(out, runsFolder) || '.',
    figuresFolder: figuresName,
  });
  return new Map<string, string | Uint8Array>([
    [join(out, pageName), markdown],
    ...figures.map(({ name, svg }) => [join(out, figuresName, name), svg] as const),
    ...pictures.map(({ name, content }) => [join(out, figuresName, name), content] as const),
  ]);
}

/** How a trial differs from the presets. */
function inWords({ epochs, settings = {} }: Trial): string {
  const set = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [...(epochs === undefined ? [] : [`${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`]), ...set].join(
    ', ',
  );
}

/** Renders and writes; answers the page's path. */
export async function writeReproduction(options: RenderOptions): Promise<string> {
  const files = await renderReproduction(options);
  await mkdir(join(options.out, figuresName), { recursive: true });
  for (const [path, content] of files) {
    await writeWhole(path, typeof content === 'string' ? content : [content]);
  }
  return join(options.out, pageName);
}

/** What a network looks like, for those entries that are pictures of one; of every preset its first run with a model. */
async function picturesOf({ names, runs, ...options }: RenderOptions, set: RunSet): Promise<PictureFile[]> {
  const { document } = drawingTools();
  const files: PictureFile[] = [];
  const wanted = findArtefacts(names).filter(({ name }) => name === 'learned-weights' || name === 'umap');
  const presets = new Set(wanted.flatMap((artefact) => artefact.runs.map(({ preset }) => preset)));
  for (const preset of presets) {
    const complete = set.complete(preset);
    const read = await firstWithModel(runs.filter(({ run }) => complete.includes(run)));
    if (!read) continue;
    const { pictures, places, classes } = await portraitOfRun(read, options);
    if (wanted.some(({ name }) => name === 'learned-weights')) {
      for (const [i, { rows }] of pictures.entries()) {
        const content = png(stack(rows.map(({ pixels }) => pixels)));
        files.push(picture('learned-weights', `learned-weights-${i + 1}-${preset}.png`, content));
      }
    }
    if (wanted.some(({ name }) => name === 'umap') && places.length > 0) {
      const title = `UMAP, ${preset}`;
      const chart = scatter(places, classes, { document, title });
      files.push(picture('umap', `umap-${preset}.svg`, standaloneSvg(chart)));
    }
  }
  return files;
}

/** Pictures that an earlier call made of networks whose model is not here; of others than the runs at hand none. */
function keptPictures(names: readonly string[], made: readonly PictureFile[], set: RunSet): PictureFile[] {
  return names.toSorted().flatMap((name) => {
    const artefact = ['learned-weights', 'umap'].find((each) => name.startsWith(`${each}-`));
    if (artefact === undefined || made.some((file) => file.name === name)) return [];
    const kept = picture(artefact, name, '');
    return networks.some(({ preset }) => preset === kept.preset && set.complete(preset).length > 0)
      ? [kept]
      : [];
  });
}

/** Described the same whether it was made now or earlier. */
function picture(
  artefact: string,
  name: string,
  content: string | Uint8Array,
): PictureFile & { preset: string } {
  const what = name.slice(artefact.length + 1).replace(/\.\w+$/, '');
  const preset = what.replace(/^\d-/, '');
  const titles: Record<string, string> = {
    '1': `Learned input weights of ${preset}, a row for each class`,
    '2': `What activates the neurons of ${preset} most, a row for each class`,
  };
  return { artefact, name, content, preset, alt: titles[what[0]] ?? `Outputs of ${preset} in a plane` };
}

async function firstWithModel(runs: readonly ReadRun[]): Promise<ReadRun | undefined> {
  for (const read of runs) {
    const { model, checkpoint } = read.files;
    if ((await isThere(model)) || (await isThere(checkpoint))) return read;
  }
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Pictures below each other. */
function stack(rows: readonly Pixels[]): Pixels {
  const width = Math.max(1, ...rows.map((row) => row.width));
  const height = rows.reduce((sum, row) => sum + row.height + 1, -1);
  const data = new Uint8ClampedArray(4 * width * Math.max(1, height));
  let top = 0;
  for (const row of rows) {
    for (let y = 0; y < row.height; y++) {
      data.set(row.data.subarray(4 * y * row.width, 4 * (y + 1) * row.width), 4 * (top + y) * width);
    }
    top += row.height + 1;
  }
  return { width, height: Math.max(1, height), data };
}

function png({ width, height, data }: Pixels): Uint8Array {
  return encode({ width, height, data: new Uint8Array(data), channels: 4, depth: 8 });
}
