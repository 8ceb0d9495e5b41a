/** The worker: takes the page's messages in turn, and trains in slices between them. */
import { SelftargetError, UnsupportedRuntimeError } from 'selftarget';
import type { FromTrainer, Measured, Speed, ToTrainer } from '../protocol.js';
import { BATCH, isMilestone } from '../settings.js';
import { openData } from './openData.js';
import { Trainer } from './trainer.js';
import { transferables } from './transferables.js';

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
  running = false;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UnsupportedRuntimeError) {
    post({ kind: 'unsupported', message });
    return;
  }
  if (!(error instanceof SelftargetError || error instanceof RangeError)) console.error(error);
  post({ kind: 'refused', message });
  trainer?.progress(false, 0);
}

async function handle(message: ToTrainer): Promise<void> {
  if (message.kind === 'open') {
    // The old one stays until the new one stands.
    const data = await openData(message.choice);
    const opened = await Trainer.open(data, message.settings, post, message.model);
    trainer?.dispose();
    trainer = opened;
    running = false;
    post({ kind: 'opened', about: opened.about(), settings: opened.settings });
    await show('milestone');
    await opened.ask();
    return;
  }
  if (message.kind === 'preview') {
    const { preview } = await import('./preview.js');
    post({ kind: 'previewed', ...(await preview(message.files, message.image)) });
    return;
  }
  if (!trainer) return;
  switch (message.kind) {
    case 'configure':
      if (await trainer.configure(message.settings)) await show('milestone');
      break;
    case 'run':
      run();
      break;
    case 'pause':
      running = false;
      await show('time');
      break;
    case 'step':
      running = false;
      await trainer.step();
      await show('time');
      break;
    case 'reset':
      running = false;
      await trainer.reset(message.settings);
      await show('milestone');
      await trainer.ask();
      if (message.train) run();
      break;
    case 'speed':
      speed = message.speed;
      break;
    case 'name':
      trainer.name(message.neuron, message.class);
      await trainer.measure('visitor');
      break;
    case 'label':
      trainer.label(message.item, message.class);
      await trainer.measure('visitor');
      await trainer.ask();
      break;
    case 'skip':
      if (asked !== undefined) trainer.skip(asked);
      await trainer.ask();
      break;
    case 'labelForMe':
      trainer.labelForMe(message.count);
      await trainer.measure('visitor');
      await trainer.ask();
      break;
    case 'forget':
      trainer.forget();
      await trainer.measure('visitor');
      await trainer.ask();
      break;
    case 'undo': {
      const item = trainer.undo();
      await trainer.measure('visitor');
      await trainer.ask(item);
      break;
    }
    case 'redo':
      trainer.redo();
      await trainer.measure('visitor');
      await trainer.ask();
      break;
    case 'rename':
      trainer.rename(message.class, message.name);
      await trainer.measure('visitor');
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
    case 'askPicture': {
      const { pictureValues } = await import('./ownPicture.js');
      await trainer.answer(
        await pictureValues(message.name, message.file, trainer.itemShape, trainer.itemLook),
      );
      break;
    }
    case 'save':
      post({ kind: 'saved', ...(await trainer.model()) });
      break;
    case 'keep':
      post({ kind: 'kept', bytes: (await trainer.model()).bytes });
      break;
    case 'load':
      running = false;
      await trainer.load(message);
      await show('visitor');
      await trainer.ask();
      break;
  }
}

function run(): void {
  if (running) return;
  running = true;
  pace = { steps: 0, since: performance.now(), perSecond: 0 };
  next();
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
    const { epoch, step } = trainer.position;
    // At full speed, too, so that the learning curve always has the same points.
    if (step === 0 && isMilestone(epoch)) await show('milestone');
  }
  const now = performance.now();
  if (trainer.finished) {
    running = false;
    await show('milestone');
    return;
  }
  if (now - measuredAt > Math.max(MEASURE, MEASURE_SHARE * measureCost)) await show('time');
  else if (speed === 'slow' || now - drawnAt > FRAME) draw();
  next();
}

async function show(because: Measured['because']): Promise<void> {
  if (!trainer) return;
  draw();
  const began = performance.now();
  await trainer.measure(because);
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
