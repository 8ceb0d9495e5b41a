/** The page's end of the conversation with the trainer. */
import { batch } from '@preact/signals';
import type { FromTrainer, Measured, ServedDataSet, ToTrainer } from '../protocol.js';
import type { CurvePoint } from './memory.js';
import { note, refuse } from './notices.js';
import * as state from './state.js';
import { percent } from './words.js';

let worker: Worker | undefined;
/** Called with each message after it has changed the state. */
let listener: (message: FromTrainer) => void = () => {};

export function startTrainer(onMessage: (message: FromTrainer) => void): void {
  listener = onMessage;
  worker = new Worker(new URL('../trainer/worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<FromTrainer>) => {
    batch(() => hear(data));
    listener(data);
  };
  worker.onerror = (event) => {
    state.phase.value = 'unsupported';
    state.unsupported.value = event.message || 'The worker that trains the network did not start.';
  };
}

export function tell(message: ToTrainer, transfer: Transferable[] = []): void {
  worker?.postMessage(message, transfer);
}

/** Asks which data sets are beside the page. */
export async function findServed(): Promise<void> {
  try {
    const response = await fetch(`${dataFolder()}index.json`);
    const { dataSets } = (await response.json()) as { dataSets: readonly ServedDataSet[] };
    state.served.value = dataSets.filter(
      ({ name, classes }) => typeof name === 'string' && Array.isArray(classes),
    );
  } catch {
    // Opened from somewhere without them: the built-in digits are there in any case.
  }
}

export function dataFolder(): string {
  return new URL('./data/', document.baseURI).href;
}

function hear(message: FromTrainer): void {
  switch (message.kind) {
    case 'opened':
      state.about.value = message.about;
      state.classes.value = message.about.classes;
      state.opened.value = state.choice.value;
      state.question.value = undefined;
      state.settings.value = message.settings;
      state.opening.value = false;
      state.phase.value = 'ready';
      break;
    case 'built':
      state.settings.value = message.settings;
      state.runtime.value = { threads: message.threads, kernel: message.kernel };
      forgetNetwork();
      break;
    case 'progress': {
      const wasRunning = state.running.value;
      state.progress.value = message.progress;
      if (message.progress.finished && wasRunning) state.announcement.value = 'Training has finished.';
      break;
    }
    case 'measured':
      hearMeasured(message.measured);
      break;
    case 'question':
      state.question.value = message;
      break;
    case 'looked':
      state.looked.value = message;
      break;
    case 'answer':
      state.answer.value = message.answer;
      break;
    case 'previewed':
      state.preview.value = message;
      break;
    case 'saved':
      download(message.bytes as Uint8Array<ArrayBuffer>, message.name);
      state.announcement.value = `The model was saved as ${message.name}.`;
      break;
    case 'loaded':
      note(`Loaded ${message.name}.`);
      break;
    case 'refused':
      refuse(message.message);
      if (state.opening.value) state.choice.value = state.opened.value;
      state.opening.value = false;
      break;
    case 'unsupported':
      state.unsupported.value = message.message;
      state.phase.value = 'unsupported';
      state.opening.value = false;
      break;
  }
}

function hearMeasured(measured: Measured): void {
  const before = state.measured.value?.accuracy;
  state.measured.value = measured;
  if (measured.classes.join('\n') !== state.classes.value.join('\n')) state.classes.value = measured.classes;
  const { at, accuracy, ceiling, because } = measured;
  const { named, ceiling: ceilings } = state.curves.value;
  const passing = because !== 'milestone';
  state.curves.value = {
    named: accuracy === undefined ? named : appended(named, { x: at, y: accuracy, passing }),
    ceiling: ceiling === undefined ? ceilings : appended(ceilings, { x: at, y: ceiling, passing }),
  };
  if (because !== 'visitor') return;
  state.jump.value = accuracy === undefined ? undefined : { from: before, to: accuracy };
  if (accuracy !== undefined)
    state.announcement.value = `${percent(accuracy)} of the test images are correct.`;
}

/** A new point takes the place of one that was only passing, or that was measured at the same moment. */
function appended(points: readonly CurvePoint[], point: CurvePoint): CurvePoint[] {
  const last = points.at(-1);
  const isSame = last?.x === point.x;
  const kept = last && (last.passing || isSame) ? points.slice(0, -1) : points;
  return [...kept, isSame ? { ...point, passing: last.passing && point.passing } : point];
}

/** What was seen of a network that is no more. */
function forgetNetwork(): void {
  state.measured.value = undefined;
  state.curves.value = { named: [], ceiling: [] };
  state.jump.value = undefined;
  state.answer.value = undefined;
  state.selected.value = undefined;
  state.looked.value = undefined;
  state.changedInRun.value = false;
}

function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
