/** What the visitor can do, wherever it is done from. */
import type { ImageShape } from 'selftarget';
import type { DataChoice, ModelBytes, OwnFile, Speed } from '../protocol.js';
import { highestSeed, onlyTargetDiffers, type Settings } from '../settings.js';
import { closeRefusals } from './notices.js';
import * as state from './state.js';
import { tell } from './trainerClient.js';

export function toggleTraining(): void {
  if (state.running.value) tell({ kind: 'pause' });
  else tell({ kind: 'run' });
}

export function run(): void {
  tell({ kind: 'run' });
}

export function stepOnce(): void {
  tell({ kind: 'step' });
}

/** Back to an untrained network. */
export function reset(): void {
  tell({ kind: 'reset', settings: state.settings.value, train: false });
}

/** Trains an untrained network with these settings. */
export function trainAgain(part: Partial<Settings> = {}): void {
  state.settings.value = fitting({ ...state.settings.value, ...part });
  tell({ kind: 'reset', settings: state.settings.value, train: true });
}

/** Other initial weights and another order of the images. */
export function anotherRandomStart(): void {
  const seed = (state.settings.value.seed + 1) % (highestSeed + 1);
  if (state.running.value || state.trained.value) trainAgain({ seed });
  else change({ seed });
}

export function setSpeed(speed: Speed): void {
  state.speed.value = speed;
  tell({ kind: 'speed', speed });
}

export function change(part: Partial<Settings>): void {
  const before = state.settings.value;
  const settings = fitting({ ...before, ...part });
  state.settings.value = settings;
  state.changedInRun.value = state.trained.value && onlyTargetDiffers(before, settings);
  tell({ kind: 'configure', settings });
}

function fitting(settings: Settings): Settings {
  return { ...settings, winners: Math.min(settings.winners, settings.neurons) };
}

export function open(choice: DataChoice, model?: ModelBytes): void {
  state.choice.value = choice;
  state.opening.value = true;
  closeRefusals();
  tell({ kind: 'open', choice, settings: state.settings.value, model });
}

/** What most pictures are made into unless the visitor says otherwise. */
const usual: ImageShape = { width: 28, height: 28, channels: 1 };

/** The visitor's files, which wait for a size and a colour where they are pictures. */
export function offer(files: readonly OwnFile[]): void {
  const [first] = files;
  if (!first) return;
  closeRefusals();
  const isOne = files.length === 1 || first.path.includes('/');
  const name = isOne ? first.path.split('/')[0] : `${files.length} files`;
  propose({ name, files, image: state.pending.value?.image ?? usual });
}

/** Shows how they would look in another size or colour. */
export function propose(pending: NonNullable<typeof state.pending.value>): void {
  state.pending.value = pending;
  tell({ kind: 'preview', files: pending.files, image: pending.image });
}

export function useOffered(): void {
  const { pending } = state;
  if (!pending.value) return;
  open({ kind: 'own', ...pending.value });
}

export function withdraw(): void {
  state.pending.value = undefined;
  state.preview.value = undefined;
}

export function labelImage(to: number): void {
  const { question } = state;
  if (!question.value) return;
  const { item } = question.value;
  question.value = undefined;
  tell({ kind: 'label', item, class: to });
}

export function select(neuron: number | undefined): void {
  state.selected.value = neuron;
  if (neuron !== undefined) tell({ kind: 'look', neuron });
}

export function nameNeuron(neuron: number, to: number | undefined): void {
  tell({ kind: 'name', neuron, class: to });
}

export function renameClass(to: number, name: string): void {
  const word = name.trim();
  if (word === '' || state.classes.value.some((other, c) => other === word && c !== to)) return;
  tell({ kind: 'rename', class: to, name: word });
}
