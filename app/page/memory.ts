/**
 * What a reload must not lose, in the browser's IndexedDB: which images, which settings, the network with its labels
 * and names, the learning curve, and the visitor's own files up to a limit. What is found there is checked before it
 * is used; anything odd counts as nothing, and says so.
 */
import { createStore, get, set, clear } from 'idb-keyval';
import type { LinePoint } from 'selftarget/view';
import type { DataChoice, OwnFile } from '../protocol.js';
import { accepted, initialSettings, type Settings } from '../settings.js';

/** Of another version nothing is read. */
const VERSION = 1;
/** Own files up to so many bytes, and so many files, are kept. */
export const mostKeptBytes = 100e6;
export const mostKeptFiles = 20_000;

export interface CurvePoint extends LinePoint {
  /** Replaced by the next one: measured because time passed, not because an epoch of the curve was complete. */
  readonly passing?: boolean | undefined;
}

export interface Curves {
  readonly named: readonly CurvePoint[];
  readonly ceiling: readonly CurvePoint[];
}

export interface Session {
  readonly choice: DataChoice;
  readonly settings: Settings;
  /** As the trainer's model file. */
  readonly model: Uint8Array;
  readonly curves: Curves;
}

/** As it is stored: own files apart, because they are large and do not change. */
interface Stored extends Omit<Session, 'choice'> {
  readonly version: number;
  readonly choice: DataChoice & { readonly files?: readonly OwnFile[] };
}

const open = () => createStore('selftarget-page', 'session');
let store: ReturnType<typeof open> | undefined;
/** The files that are stored, to store them once. */
let storedFiles: readonly OwnFile[] | undefined;

/** Whether own files are few and small enough to be kept. */
export function canKeep(choice: DataChoice): boolean {
  if (choice.kind !== 'own') return true;
  const bytes = choice.files.reduce((sum, { file }) => sum + file.size, 0);
  return bytes <= mostKeptBytes && choice.files.length <= mostKeptFiles;
}

/** Keeps `session` in place of what was kept before. Rejects where the browser keeps nothing. */
export async function keepSession(session: Session): Promise<void> {
  store ??= open();
  const { choice } = session;
  if (choice.kind === 'own') {
    if (choice.files !== storedFiles) await set('files', choice.files, store);
    storedFiles = choice.files;
    await set('session', { ...session, version: VERSION, choice: { ...choice, files: [] } }, store);
    return;
  }
  await set('session', { ...session, version: VERSION }, store);
  if (storedFiles) await set('files', [], store);
  storedFiles = undefined;
}

export async function dropSession(): Promise<void> {
  store ??= open();
  storedFiles = undefined;
  await clear(store);
}

/** What was kept; `undefined` where there is nothing, `'odd'` where there is something that cannot be used. */
export async function readSession(): Promise<Session | 'odd' | undefined> {
  store ??= open();
  const stored: unknown = await get('session', store);
  if (stored === undefined) return undefined;
  if (!isStored(stored)) return 'odd';
  const { choice, settings, model, curves } = stored;
  if (choice.kind !== 'own') return { choice, settings, model, curves };
  const files: unknown = await get('files', store);
  if (!isFiles(files)) return 'odd';
  storedFiles = files;
  return { choice: { ...choice, files }, settings, model, curves };
}

function isStored(value: unknown): value is Stored {
  if (!isRecord(value) || value.version !== VERSION || !isChoice(value.choice)) return false;
  const { settings, model, curves } = value;
  const names = Object.keys(initialSettings) as (keyof Settings)[];
  return (
    isRecord(settings) &&
    names.every((name) => accepted[name].test(settings[name])) &&
    model instanceof Uint8Array &&
    isRecord(curves) &&
    isPoints(curves.named) &&
    isPoints(curves.ceiling)
  );
}

function isChoice(value: unknown): value is DataChoice {
  if (!isRecord(value)) return false;
  const { kind, set: served, image, name } = value;
  if (kind === 'digits') return true;
  if (kind === 'served') {
    return isRecord(served) && typeof served.name === 'string' && Array.isArray(served.classes);
  }
  return kind === 'own' && typeof name === 'string' && isRecord(image) && typeof image.width === 'number';
}

function isFiles(value: unknown): value is OwnFile[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => isRecord(each) && typeof each.path === 'string' && each.file instanceof Blob)
  );
}

function isPoints(value: unknown): value is CurvePoint[] {
  return (
    Array.isArray(value) &&
    value.every((each) => isRecord(each) && Number.isFinite(each.x) && Number.isFinite(each.y))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
