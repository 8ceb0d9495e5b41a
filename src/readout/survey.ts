/** A frozen network looked at from outside: what each of its output neurons does, and how it errs. */
import { type DataSet, UNLABELLED } from '../data/dataSet.js';
import { noAnswers } from './classResults.js';
import type { Confidence } from './confidence.js';
import { outputsOf, type Predictor, type ReadoutOptions } from './outputs.js';

/** An item that was answered with another class than its own. */
export interface Mistake {
  readonly item: number;
  readonly label: number;
  readonly answer: number;
  /** Between 0 and 1. */
  readonly confidence: number;
}

export interface Survey {
  readonly items: number;
  /** Mean output of each neuron. */
  readonly activity: Float64Array;
  /** For how many items each neuron was among the `winners` most active. */
  readonly wins: Uint32Array;
  /** For each neuron the items that it is most active for, the strongest first; fewer where it was silent. */
  readonly top: readonly (readonly number[])[];
  /** One row for each class, of how often each class was the answer to its items. */
  readonly confusion: readonly Uint32Array[];
  /** The wrong answers given with the most confidence, the surest first; none without a measure of it. */
  readonly mistakes: readonly Mistake[];
  /** The outputs for the items asked for with `sample`. */
  readonly outputs: ReadonlyMap<number, Float32Array>;
}

export interface SurveyOptions extends ReadoutOptions {
  /** k: how many neurons win an item. */
  readonly winners: number;
  /** How many items of each neuron to remember. */
  readonly top: number;
  /** The class that is answered for the outputs in `values` from `from` on. */
  readonly answer: (values: Float32Array, from: number) => number;
  /** How sure an answer is; with it, that many of the surest mistakes are kept. */
  readonly mistakes?: { readonly most: number; readonly confidence: Confidence } | undefined;
  /** Items whose outputs are wanted. */
  readonly sample?: Iterable<number> | undefined;
}

export async function survey(learner: Predictor, data: DataSet, options: SurveyOptions): Promise<Survey> {
  const neurons = learner.outputs;
  const { winners, answer, top: most } = options;
  const sample = new Set(options.sample);
  const activity = new Float64Array(neurons);
  const wins = new Uint32Array(neurons);
  const confusion = noAnswers(data.classes.length);
  const mistakes: Mistake[] = [];
  const outputs = new Map<number, Float32Array>();
  const strongest = new Strongest(neurons, most);
  for await (const { from, outputs: y } of outputsOf(learner, data, options)) {
    for (let b = 0; b < y.size; b++) {
      const item = from + b;
      const row = y.values.subarray(b * neurons, (b + 1) * neurons);
      for (let i = 0; i < neurons; i++) {
        if (row[i] === 0) continue;
        activity[i] += row[i];
        if (most > 0) strongest.add(i, item, row[i]);
      }
      for (const i of largest(row, winners)) wins[i]++;
      const label = data.labels[item];
      if (label !== UNLABELLED) {
        const given = answer(y.values, b * neurons);
        confusion[label][given]++;
        if (given !== label && options.mistakes) {
          const confidence = options.mistakes.confidence(y.values, b * neurons, given);
          keepSurest(mistakes, { item, label, answer: given, confidence }, options.mistakes.most);
        }
      }
      if (sample.has(item)) outputs.set(item, row.slice());
    }
  }
  for (let i = 0; i < neurons; i++) activity[i] /= Math.max(1, data.length);
  return { items: data.length, activity, wins, top: strongest.lists(), confusion, mistakes, outputs };
}

/** The indices of the `count` largest; of equal ones the lower index, as the target chooses its winners; silent ones win nothing. */
function largest(values: Float32Array, count: number): number[] {
  const chosen: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    if (chosen.length === count && !(values[i] > values[chosen[count - 1]])) continue;
    if (chosen.length === count) chosen.pop();
    let place = chosen.length;
    while (place > 0 && values[chosen[place - 1]] < values[i]) place--;
    chosen.splice(place, 0, i);
  }
  return chosen;
}

/** Puts `mistake` in its place among at most `most`; of equally sure ones the earlier item stays. */
function keepSurest(mistakes: Mistake[], mistake: Mistake, most: number): void {
  let place = mistakes.length;
  while (place > 0 && mistakes[place - 1].confidence < mistake.confidence) place--;
  if (place >= most) return;
  mistakes.splice(place, 0, mistake);
  if (mistakes.length > most) mistakes.pop();
}

/** For each neuron the items with its largest outputs. */
class Strongest {
  readonly #most: number;
  readonly #items: Int32Array;
  readonly #values: Float32Array;
  readonly #counts: Int32Array;

  constructor(neurons: number, most: number) {
    this.#most = most;
    this.#items = new Int32Array(neurons * most);
    this.#values = new Float32Array(neurons * most);
    this.#counts = new Int32Array(neurons);
  }

  add(neuron: number, item: number, value: number): void {
    const most = this.#most;
    const first = neuron * most;
    const count = this.#counts[neuron];
    if (count === most && value <= this.#values[first + most - 1]) return;
    let place = first + Math.min(count, most - 1);
    for (; place > first && this.#values[place - 1] < value; place--) {
      this.#values[place] = this.#values[place - 1];
      this.#items[place] = this.#items[place - 1];
    }
    this.#values[place] = value;
    this.#items[place] = item;
    if (count < most) this.#counts[neuron] = count + 1;
  }

  lists(): number[][] {
    return Array.from(this.#counts, (count, neuron) =>
      Array.from(this.#items.subarray(neuron * this.#most, neuron * this.#most + count)),
    );
  }
}
