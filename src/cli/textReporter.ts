/** Events as lines for people, with a progress bar where the output is a terminal. */
import cliProgress from 'cli-progress';
import type {
  DoneEvent,
  DownloadEvent,
  EpochEvent,
  LoadingEvent,
  ReadoutEvent,
  ReadoutProgressEvent,
  RunEvent,
  StartEvent,
} from '../run/events.js';
import { commandLine } from './invocation.js';
import type { Reporter } from './reporter.js';
import { accuracyInBrief, accuracyTable, counted, duration, mainAccuracy, neuronTable } from './wording.js';

/** Plain lines report a download this often. */
const DOWNLOAD_LINE_MS = 5000;
/** And the reading of images and the readouts. */
const SLOW_LINE_MS = 10_000;

export class TextReporter implements Reporter {
  readonly #quiet: boolean;
  readonly #bar: cliProgress.SingleBar | undefined;
  #barStarted = false;
  #latest = '';
  #readout: ReadoutEvent | undefined;
  #downloadTold = 0;
  #loadingTold = Number.NEGATIVE_INFINITY;
  #readoutTold = performance.now();

  constructor(options: { quiet: boolean; terminal: boolean }) {
    this.#quiet = options.quiet;
    if (options.terminal && !options.quiet) {
      this.#bar = new cliProgress.SingleBar({
        format: '{what} [{bar}] {rate}{left}{latest}',
        barsize: 12,
        hideCursor: true,
        clearOnComplete: true,
        stream: process.stdout,
      });
    }
  }

  tell(event: RunEvent): void {
    switch (event.event) {
      case 'start':
      case 'resume':
        this.#line(startLine(event));
        break;
      case 'warning':
        console.error(`warning: ${event.message}`);
        break;
      case 'readout':
        if (event.network === 'untrained') this.#line(`untrained: ${accuracyInBrief(event.accuracy)}`);
        else this.#readout = event;
        break;
      case 'loading':
        this.#loading(event);
        break;
      case 'progress': {
        const done = event.epoch - 1 + event.step / event.steps;
        const pass = event.pass ? `, ${event.pass}` : '';
        this.#move(`epoch ${event.epoch}/${event.epochs}${pass}`, done / event.epochs, {
          rate: `${Math.round(event.itemsPerSecond)}/s `,
          left: `${duration(event.secondsLeft)} left `,
        });
        break;
      }
      case 'readout-progress':
        this.#readoutProgress(event);
        break;
      case 'download':
        this.#download(event);
        break;
      case 'epoch':
        this.#epoch(event);
        break;
      case 'done':
        this.close();
        console.log(summary(event, this.#readout));
        for (const message of event.warnings ?? []) console.error(`warning: ${message}`);
        break;
      case 'interrupted':
        this.close();
        console.error(interruptedLine(event.run, event.epoch, event.step));
        break;
    }
  }

  #loading({ done, total }: LoadingEvent): void {
    const now = performance.now();
    if (this.#bar) {
      this.#move('reading images', done / total, { rate: `${done}/${total} `, left: '' });
      if (done === total) this.close();
      return;
    }
    // The first line at once, so that everybody sees what is going on.
    if (now - this.#loadingTold < SLOW_LINE_MS && done < total) return;
    const first = this.#loadingTold === Number.NEGATIVE_INFINITY;
    this.#loadingTold = now;
    this.#line(first ? `reading ${total} images` : `read ${done} of ${total} images`);
  }

  #epoch({ epoch, epochs, loss, trainSeconds, accuracy }: EpochEvent): void {
    if (accuracy) this.#latest = mainAccuracy(accuracy);
    this.#readoutTold = performance.now();
    // A bar shows the epochs already; on a terminal only what was measured is worth a line of its own.
    if (this.#bar && !accuracy) return;
    const count = `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
    const time = duration(trainSeconds);
    this.#line(`${count}  loss ${loss.toPrecision(3)}  ${time}  ${accuracyInBrief(accuracy)}`.trimEnd());
  }

  #readoutProgress({ network, readout, done, total }: ReadoutProgressEvent): void {
    const what = `${readout}${network === 'untrained' ? ', untrained' : ''}`;
    if (this.#bar) {
      this.#move(`measuring: ${what}`, done / total, { rate: '', left: '' });
      return;
    }
    const now = performance.now();
    if (now - this.#readoutTold < SLOW_LINE_MS) return;
    this.#readoutTold = now;
    this.#line(`measuring: ${what}, ${Math.round((100 * done) / total)} %`);
  }

  #download({ file, received, total }: DownloadEvent): void {
    const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
    const of = total ? ` of ${mb(total)} MB` : ' MB';
    if (this.#bar && total) {
      this.#move(file, received / total, { rate: `${mb(received)}${of} `, left: '' });
      if (received >= total) this.close();
      return;
    }
    if (performance.now() - this.#downloadTold < DOWNLOAD_LINE_MS) return;
    this.#downloadTold = performance.now();
    this.#line(`downloading ${file}: ${mb(received)}${of}`);
  }

  stopping(message = 'Stopping; saving a checkpoint. Ctrl-C again ends at once.'): void {
    this.close();
    console.error(message);
  }

  working(what: string): void {
    this.#move(what, 1, { rate: '', left: '' });
  }

  close(): void {
    if (this.#barStarted) this.#bar?.stop();
    this.#barStarted = false;
  }

  #move(what: string, share: number, texts: { rate: string; left: string }): void {
    if (!this.#bar) return;
    const shown = { what, ...texts, latest: this.#latest };
    if (!this.#barStarted) this.#bar.start(1, share, shown);
    this.#barStarted = true;
    this.#bar.update(share, shown);
  }

  #line(text: string): void {
    if (this.#quiet) return;
    this.close();
    console.log(text);
  }
}

function startLine(start: StartEvent): string {
  const { event, run, preset, dataset, labelled, unlabelled, epochs, epoch, step, environment } = start;
  const { threads, kernel } = environment;
  const few = labelled > 0 && unlabelled > 0 ? ` (${labelled} with their label)` : '';
  const items = `${dataset.name}: ${dataset.train} items to train on${few}, ${dataset.test} to test on`;
  const means = `${counted(threads, 'thread')}, ${kernel} kernels`;
  const length =
    event === 'resume' ? `resuming ${place(epoch ?? 0, step ?? 0, epochs)}` : counted(epochs, 'epoch');
  return `${preset}: ${length}; ${means}; ${run}\n${items}`;
}

function interruptedLine(run: string | undefined, epoch: number, step: number): string {
  if (run === undefined) return 'Interrupted before training began; nothing was saved.';
  return `Interrupted ${place(epoch, step)}; saved. To resume: ${commandLine('train', '--resume', run)}`;
}

/** How far a run has come, with `epoch` epochs behind it and `step` steps of the next. */
function place(epoch: number, step: number, epochs?: number): string {
  const all = epochs === undefined ? '' : ` of ${epochs}`;
  return step > 0 ? `in epoch ${epoch + 1}${all}, after step ${step}` : `after epoch ${epoch}${all}`;
}

function summary(done: DoneEvent, readout: ReadoutEvent | undefined): string {
  const { labelled, unlabelled } = done;
  const unsupervised = labelled === 0;
  const how = unsupervised
    ? 'without labels'
    : `with ${counted(labelled, 'label')}${unlabelled > 0 ? ` and ${counted(unlabelled, 'item')} without` : ''}`;
  const lines = [
    '',
    `Trained ${how} for ${counted(done.epochs, 'epoch')} in ${duration(done.trainSeconds)} ` +
      `(${duration(done.epochSeconds)} an epoch; ${duration(done.seconds)} in all).`,
    unsupervised && readout
      ? `Accuracy, read out with ${counted(readout.labelled, 'label')} that training never saw:`
      : 'Test accuracy:',
    '',
    accuracyTable([
      ['untrained', done.untrained],
      ['labels alone', done.pretrained ?? {}],
      ['trained', done.accuracy, done.testItems],
    ]),
    '',
  ];
  if (readout?.neuronsPerClass) {
    lines.push(neuronTable(readout.neuronsPerClass, readout.unnamedNeurons ?? 0), '');
  }
  return [...lines, ...nextSteps(done, unsupervised)].join('\n');
}

/** What to do now; the commands end their lines, so that they can be pasted. */
function nextSteps({ run, report, epochs, ofEpochs }: DoneEvent, unsupervised: boolean): string[] {
  const labels = unsupervised ? ['--labels', '50%'] : [];
  const steps: [what: string, how: string][] = [
    report === undefined ? ['The run', run] : ['The report', report],
    ['Measure it again', commandLine('evaluate', run, ...labels)],
    epochs < ofEpochs
      ? [`Resume, ${epochs} of ${ofEpochs} epochs`, commandLine('train', '--resume', run)]
      : ['Watch one learn', commandLine('serve')],
  ];
  const width = Math.max(...steps.map(([what]) => what.length));
  return steps.map(([what, how]) => `${`${what}:`.padEnd(width + 1)}  ${how}`);
}
