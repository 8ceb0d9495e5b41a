/** From the visitor's settings to a network and its target. */
import {
  BackpropNetwork,
  type Compute,
  EquilibriumNetwork,
  type Outputs,
  SelfDefinedTarget,
  suitableGain,
  suitableRate,
} from 'selftarget';
import { dynamics, inputDropout, OUTPUT_DROPOUT, type Settings } from '../settings.js';

export type Network = BackpropNetwork | EquilibriumNetwork;

/** One layer of neurons on `inputs` values, so that every neuron's weights are a picture of what it looks for. */
export function buildNetwork(compute: Compute, settings: Settings, inputs: number, power: number): Network {
  const { rule, neurons, seed } = settings;
  const spec = {
    layers: [inputs, neurons],
    dropout: [inputDropout(inputs), OUTPUT_DROPOUT],
    gain: suitableGain(inputs, neurons, power),
    loss: 'mse',
    optimizer: 'sgd',
    learningRates: [suitableRate(rule, neurons, power)],
  } as const;
  return rule === 'backprop'
    ? new BackpropNetwork(compute, { ...spec, activations: ['identity', 'hard-sigmoid'] }, seed)
    : new EquilibriumNetwork(compute, { ...spec, ...dynamics }, seed);
}

/** How many images the wins are counted over. */
const REMEMBERED = 1000;

/** The self-defined target, watched: who wins. */
export class WatchedTarget extends SelfDefinedTarget {
  readonly #winners: number;
  /** Winners of the last images, over and over; -1 where there has been none yet. */
  #recent: Int32Array;
  #at = 0;
  #seen = 0;
  readonly lastWinners = new Set<number>();
  readonly recentWins: Uint16Array;

  constructor({ neurons, winners, homeostasis, gamma }: Settings) {
    super({ outputs: neurons, winners, gamma: homeostasis ? gamma : 0 });
    this.#winners = winners;
    this.#recent = new Int32Array(REMEMBERED * winners).fill(-1);
    this.recentWins = new Uint16Array(neurons);
  }

  /** Images that the wins are counted over. */
  get recentItems(): number {
    return Math.min(REMEMBERED, this.#seen);
  }

  override write(y: Outputs, d: Float32Array): void {
    super.write(y, d);
    this.lastWinners.clear();
    for (let b = 0; b < y.size; b++) {
      let found = 0;
      for (let i = 0; i < y.width; i++) {
        if (d[b * y.width + i] === 0) continue;
        this.#remember(i);
        this.lastWinners.add(i);
        found++;
      }
      // A winner that the output mask hides does not count, but its image does.
      for (; found < this.#winners; found++) this.#remember(-1);
      this.#seen++;
    }
  }

  #remember(neuron: number): void {
    const forgotten = this.#recent[this.#at];
    if (forgotten >= 0) this.recentWins[forgotten]--;
    this.#recent[this.#at] = neuron;
    if (neuron >= 0) this.recentWins[neuron]++;
    this.#at = (this.#at + 1) % this.#recent.length;
  }
}
