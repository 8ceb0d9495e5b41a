/** What the visitor can do, wherever it is done from. */
import { type DataChoice, type OwnFile, type Speed } from '../protocol.js';
import { onlyTargetDiffers, type Settings } from '../settings.js';
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

export function startAnew(): void {
  tell({ kind: 'reset' });
}

export function setSpeed(speed: Speed): void {
  state.speed.value = speed;
  tell({ kind: 'speed', speed });
}

export function change(part: Partial<Settings>): void {
  const before = state.settings.value;
  const settings = { ...before, ...part };
  settings.winners = Math.min(settings.winners, settings.neurons);
  state.settings.value = settings;
  const begun = (state.progress.value?.items ?? 0) > 0;
  state.changedInRun.value = begun && onlyTargetDiffers(before, settings);
  tell({ kind: 'configure', settings });
}

export function open(choice: DataChoice): void {
  state.choice.value = choice;
  state.opening.value = true;
  state.refusal.value = '';
  tell({ kind: 'open', choice, settings: state.settings.value });
}

export function openOwn(files: readonly OwnFile[], size: { side: number; channels: 1 | 3 }): void {
  const [first] = files;
  const name =
    first && (files.length === 1 || first.path.includes('/')) ? first.path.split('/')[0] : 'your files';
  const image = { width: size.side, height: size.side, channels: size.channels };
  open({ kind: 'own', name, files, image });
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
