/**
 * How many threads take part. More of them are not always faster: small operations cost more to hand out than to do, and
 * a thread that waits for a busy processor holds up the others. So half and twice as many are tried now and then, and
 * the number with which operations take less time is kept. Results do not depend on it.
 */

/** Operations of different kinds and sizes are told apart by so many numbers; a few of them share one. */
const KINDS = 256;
/** A turn lasts at least so many milliseconds and operations, after a few that are not counted. */
const TURN_TIME = 5;
const TURN_COUNT = 24;
const UNCOUNTED = 8;
/** In a trial both numbers have so many turns, one after the other, so that both meet the same neighbours. */
const TURNS = 8;
/**
 * Turns from one trial to the next: the first, and at most. After a trial that was lost they are twice as many, but one thread
 * is left sooner: a helper costs little where it does not help, and may double the speed once a neighbour has gone.
 */
const FIRST_PAUSE = 8;
const LONGEST_PAUSE = 512;
const LONGEST_PAUSE_ALONE = 128;
/** Another number must be better by more than chance. A trial that goes so badly ends after so many turns. */
const BETTER = 0.95;
const HOPELESS = 1.3;
const FIRST_TURNS = 4;

/** What operations took. */
class Tally {
  readonly times = new Float64Array(KINDS);
  readonly counts = new Float64Array(KINDS);

  add(kind: number, time: number): void {
    this.times[kind] += time;
    this.counts[kind]++;
  }

  clear(): void {
    this.times.fill(0);
    this.counts.fill(0);
  }

  /** What these operations took, divided by what they would have taken as in `other`. */
  by(other: Tally): number {
    let [mine, theirs] = [0, 0];
    for (let kind = 0; kind < KINDS; kind++) {
      if (this.counts[kind] === 0 || other.counts[kind] === 0) continue;
      mine += this.times[kind];
      theirs += (this.counts[kind] * other.times[kind]) / other.counts[kind];
    }
    return theirs === 0 ? 1 : mine / theirs;
  }
}

export class Pace {
  /** How many threads are to take part now. */
  threads: number;
  readonly #most: number;
  #leader: number;
  /** The number that is being tried, or 0 in a pause. */
  #rival = 0;
  #isUpward = false;
  /** Turns that are over, of a trial or a pause. */
  #turns = 0;
  #pause = FIRST_PAUSE;
  /** Of the turn under way. */
  #time = 0;
  #count = -UNCOUNTED;
  readonly #ofLeader = new Tally();
  readonly #ofRival = new Tally();

  /** Begins with `first` threads; there are no more than `most`. */
  constructor(first: number, most: number) {
    this.#most = most;
    this.#leader = first;
    this.threads = first;
  }

  /** Takes note of what an operation took, in milliseconds. Any whole number stands for its kind. */
  took(kind: number, time: number): void {
    if (++this.#count <= 0) return;
    this.#time += time;
    if (this.#rival) {
      const tally = this.threads === this.#rival ? this.#ofRival : this.#ofLeader;
      tally.add(kind & (KINDS - 1), time);
    }
    if (this.#time < TURN_TIME || this.#count < TURN_COUNT) return;
    this.#turns++;
    this.#time = 0;
    this.#count = 0;
    if (this.#rival) this.#goOnTrying();
    else if (this.#turns >= this.#pause) this.#beginTrial();
  }

  #beginTrial(): void {
    this.#isUpward = this.#leader === 1 || (!this.#isUpward && this.#leader < this.#most);
    this.#rival = Math.min(this.#isUpward ? this.#leader * 2 : this.#leader >> 1, this.#most);
    this.#ofLeader.clear();
    this.#ofRival.clear();
    this.#turns = 0;
  }

  #goOnTrying(): void {
    const isEven = this.#turns % 2 === 0;
    const ratio = isEven ? this.#ofRival.by(this.#ofLeader) : 1;
    const isHopeless = ratio > HOPELESS && this.#turns >= FIRST_TURNS;
    if (this.#turns === 2 * TURNS || isHopeless) {
      if (ratio < BETTER) this.#leader = this.#rival;
      const longest = this.#leader === 1 ? LONGEST_PAUSE_ALONE : LONGEST_PAUSE;
      this.#pause = ratio < BETTER ? FIRST_PAUSE : Math.min(2 * this.#pause, longest);
      this.#rival = 0;
      this.#turns = 0;
    }
    this.#change(this.#rival && !isEven ? this.#rival : this.#leader);
  }

  #change(threads: number): void {
    if (threads !== this.threads) this.#count = -UNCOUNTED;
    this.threads = threads;
  }
}
