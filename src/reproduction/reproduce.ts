/** The paper's tables and figures: carries out the runs that are missing, and renders what there is. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { encode } from 'fast-png';
import type { RunConfig } from '../run/config.js';
import { ConfigError, RunError } from '../run/errors.js';
import { evaluateRun } from '../run/evaluate.js';
import type { RunEvent } from '../run/events.js';
import { writeWhole } from '../run/files.js';
import { findPreset, listPresets, type Settings } from '../run/presets.js';
import { mergeSettings, resolveConfig } from '../run/settings.js';
import { suggestion } from '../run/suggestion.js';
import { train } from '../run/train.js';
import { scatter } from '../view/charts/scatter.js';
import { standaloneSvg } from '../view/charts/standalone.js';
import type { Pixels } from '../view/images/imageGrid.js';
import { accuracyOf, isComplete } from '../view/report/runRecord.js';
import { type Artefact, artefacts, type WantedRun } from './catalogue.js';
import { type PictureFile, reproductionPage } from './page.js';
import { drawingTools } from '../view/node/drawing.js';
import { portraitOfRun } from '../view/node/portraitOfRun.js';
import { type ReadRun, readRunFolders, readRunRecord } from '../view/node/readRuns.js';

export interface ReproduceOptions {
  /** Names from the catalogue; all unless told. */
  readonly names?: readonly string[] | undefined;
  /** Seeds 1 to n. */
  readonly seeds: number;
  /** Shorter runs, for a first look. */
  readonly epochs?: number | undefined;
  /** Where run folders are looked for and made; what cannot be read there is passed over. */
  readonly runs: string;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** On top of every preset, for trials. */
  readonly settings?: Settings | undefined;
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
        const config = await configOf(wanted, seed, options);
        const there = await findRun(folder, config);
        if (there && isComplete(there.run)) onStep?.(`${there.files.folder}: complete`);
        else {
          const going = there
            ? { resume: there.files.folder }
            : { out: await freeFolder(folder, wanted, config) };
          onStep?.(there ? `${there.files.folder}: goes on` : `${going.out}: begins`);
          const { threads, dataDir } = options;
          const preset = recordedPreset(wanted);
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

async function configOf({ preset, settings = {} }: WantedRun, seed: number, options: ReproduceOptions) {
  const { epochs, settings: trial = {} } = options;
  let flags: Settings = mergeSettings(mergeSettings(settings, trial), { seed });
  if (epochs !== undefined) {
    const own = (findPreset(preset).settings.semi as { pretrainEpochs?: number } | undefined)?.pretrainEpochs;
    flags = mergeSettings(flags, {
      epochs,
      ...(own !== undefined && { semi: { pretrainEpochs: Math.min(own, epochs) } }),
    });
  }
  return resolveConfig({ preset, flags });
}

/** What the run's folder says it is; the semi-supervised ones are told apart by their settings. */
function recordedPreset({ preset, name }: WantedRun): string {
  return name?.startsWith(preset) ? preset : (name ?? preset);
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

export interface RenderOptions {
  readonly names?: readonly string[] | undefined;
  readonly runs: readonly ReadRun[];
  readonly missing?: ReadonlyMap<string, string> | undefined;
  /** Folder of the run folders, and of the page. */
  readonly runsFolder: string;
  readonly out: string;
  readonly command: string;
  /** Length of the runs where it is not the published one. */
  readonly epochs?: number | undefined;
  readonly threads?: number | undefined;
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The page's name in its folder, and that of the folder of its figures. */
const pageName = 'reproduction.md';
const figuresName = 'figures';

/** The files of the reproduction by their path; nothing is written. */
export async function renderReproduction(options: RenderOptions): Promise<Map<string, string | Uint8Array>> {
  const { names, runs, missing, runsFolder, out, command, epochs } = options;
  const pictures = await picturesOf(options);
  const there = await readdir(join(out, figuresName)).catch((): string[] => []);
  const { markdown, figures } = reproductionPage(
    runs.map(({ run }) => run),
    {
      ...{ names, missing, command, epochs, document: drawingTools().document },
      pictures: [...pictures, ...keptPictures(there, pictures)],
      runsFolder: relative(out, runsFolder) || '.',
      figuresFolder: figuresName,
    },
  );
  return new Map<string, string | Uint8Array>([
    [join(out, pageName), markdown],
    ...figures.map(({ name, svg }) => [join(out, figuresName, name), svg] as const),
    ...pictures.map(({ name, content }) => [join(out, figuresName, name), content] as const),
  ]);
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
async function picturesOf({ names, runs, ...options }: RenderOptions): Promise<PictureFile[]> {
  const { document } = drawingTools();
  const files: PictureFile[] = [];
  const wanted = findArtefacts(names).filter(({ name }) => name === 'learned-weights' || name === 'umap');
  const presets = new Set(wanted.flatMap((artefact) => artefact.runs.map(({ preset }) => preset)));
  for (const preset of presets) {
    const read = runs.find(({ run }) => run.preset === preset && isComplete(run));
    if (!read || !(await hasModel(read))) continue;
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

/** Pictures of networks that an earlier call has made, from runs whose model is not here. */
function keptPictures(names: readonly string[], made: readonly PictureFile[]): PictureFile[] {
  return names.toSorted().flatMap((name) => {
    const artefact = ['learned-weights', 'umap'].find((each) => name.startsWith(`${each}-`));
    if (artefact === undefined || made.some((file) => file.name === name)) return [];
    return [picture(artefact, name, '')];
  });
}

/** Described the same whether it was made now or earlier. */
function picture(artefact: string, name: string, content: string | Uint8Array): PictureFile {
  const what = name.slice(artefact.length + 1).replace(/\.\w+$/, '');
  const preset = what.replace(/^\d-/, '');
  const titles: Record<string, string> = {
    '1': `Learned input weights of ${preset}, a row for each class`,
    '2': `What activates the neurons of ${preset} most, a row for each class`,
  };
  return { artefact, name, content, alt: titles[what[0]] ?? `Outputs of ${preset} in a plane` };
}

async function hasModel({ files }: ReadRun): Promise<boolean> {
  for (const path of [files.model, files.checkpoint]) {
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  return false;
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
