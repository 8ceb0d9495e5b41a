/** The worker: takes the page's messages in turn, and trains in slices between them. */
import { DataError, StateError, TrainingDivergedError, UnsupportedRuntimeError } from 'selftarget';
import type { FromTrainer, Speed, ToTrainer } from '../protocol.js';
import { BATCH } from '../settings.js';
import { ModelError } from './modelFile.js';
import { openData } from './openData.js';
import { Trainer, transferables } from './trainer.js';

/** Milliseconds of training between two looks at the messages. */
const SLICE = 24;
/** Between two pictures of the neurons. */
const FRAME = 90;
/** Between two measurements at least, and at least so many times what one takes. */
const MEASURE = 500;
const MEASURE_SHARE = 8;
/** Steps a second. */
const rates: Record<Speed, number> = { slow: 2, medium: 40, full: Number.POSITIVE_INFINITY };

let trainer: Trainer | undefined;
let running = false;
let speed: Speed = 'medium';
let asked: number | undefined;
let testImages = 0;
let [drawnAt, measuredAt, measureCost] = [0, 0, 0];
/** Steps and time since the last pace was told, and the items a second of before. */
let pace = { steps: 0, since: 0, perSecond: 0 };

const scope = self as unknown as {
  postMessage(message: FromTrainer, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToTrainer>) => void) | null;
};

function post(message: FromTrainer): void {
  if (message.kind === 'question') asked = message.item;
  scope.postMessage(message, transferables(message));
}

/** One thing at a time: a slice of training, or a message. */
let queue: Promise<void> = Promise.resolve();

function enqueue(work: () => Promise<void>): void {
  queue = queue.then(work).catch(refuse);
}

scope.onmessage = ({ data }) => enqueue(() => handle(data));

function refuse(error: unknown): void {
  const expected =
    error instanceof DataError ||
    error instanceof ModelError ||
    error instanceof StateError ||
    error instanceof TrainingDivergedError ||
    error instanceof RangeError;
  running = false;
  if (error instanceof UnsupportedRuntimeError || !trainer) {
    post({ kind: 'unsupported', message: error instanceof Error ? error.message : String(error) });
    return;
  }
  if (!expected) console.error(error);
  post({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
  trainer.progress(false, 0);
}

async function handle(message: ToTrainer): Promise<void> {
  if (message.kind === 'open') {
    // The old one stays until the new one stands.
    const data = await openData(message.choice);
    const opened = await Trainer.open(data, message.settings, post);
    trainer?.dispose();
    trainer = opened;
    running = false;
    post({ kind: 'opened', about: opened.about(), settings: opened.settings });
    await show(false);
    await opened.ask();
    return;
  }
  if (!trainer) return;
  switch (message.kind) {
    case 'configure':
      if (await trainer.configure(message.settings)) await show(false);
      break;
    case 'run':
      if (running) break;
      running = true;
      pace = { steps: 0, since: performance.now(), perSecond: 0 };
      next();
      break;
    case 'pause':
      running = false;
      await show(false);
      break;
    case 'step':
      running = false;
      await trainer.step();
      await show(false);
      break;
    case 'reset':
      running = false;
      await trainer.reset();
      await show(false);
      await trainer.ask();
      break;
    case 'speed':
      speed = message.speed;
      break;
    case 'name':
      trainer.name(message.neuron, message.class);
      await trainer.measure(true);
      break;
    case 'label':
      trainer.label(message.item, message.class);
      await trainer.measure(true);
      await trainer.ask();
      break;
    case 'skip':
      if (asked !== undefined) trainer.skip(asked);
      await trainer.ask();
      break;
    case 'labelForMe':
      trainer.labelForMe(message.count);
      await trainer.measure(true);
      await trainer.ask();
      break;
    case 'forget':
      trainer.forget();
      await trainer.measure(true);
      await trainer.ask();
      break;
    case 'look':
      await trainer.look(message.neuron);
      break;
    case 'ask':
      await trainer.answer(message.values);
      break;
    case 'askTestImage':
      await trainer.answerTestImage(++testImages);
      break;
    case 'save':
      trainer.save();
      break;
    case 'load':
      running = false;
      await trainer.load(message.name, message.bytes);
      await show(true);
      await trainer.ask();
      break;
  }
}

/** Plans the next slice; messages that have arrived come first. */
function next(): void {
  const wait = speed === 'full' ? 0 : 1000 / rates[speed];
  setTimeout(() => enqueue(slice), wait);
}

async function slice(): Promise<void> {
  if (!running || !trainer) return;
  const until = performance.now() + SLICE;
  const atMost = speed === 'full' ? Number.POSITIVE_INFINITY : 1;
  for (let steps = 0; steps < atMost && performance.now() < until; steps++) {
    await trainer.step();
    pace.steps++;
    if (trainer.finished) break;
  }
  const now = performance.now();
  if (trainer.finished) {
    running = false;
    await show(false);
    return;
  }
  if (now - measuredAt > Math.max(MEASURE, MEASURE_SHARE * measureCost)) await show(false);
  else if (speed === 'slow' || now - drawnAt > FRAME) draw();
  next();
}

async function show(byVisitor: boolean): Promise<void> {
  if (!trainer) return;
  draw();
  const began = performance.now();
  await trainer.measure(byVisitor);
  measuredAt = performance.now();
  measureCost = measuredAt - began;
}

function draw(): void {
  const now = performance.now();
  const seconds = (now - pace.since) / 1000;
  if (seconds > 0.5) {
    pace = { steps: 0, since: now, perSecond: (pace.steps * BATCH) / seconds };
  }
  trainer?.progress(running, running ? pace.perSecond : 0);
  drawnAt = now;
}
