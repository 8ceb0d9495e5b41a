/** What the visitor says about images and neurons, with its history, and which class each neuron stands for then. */
import { associate, type Association, type DataSet, type Learner, NO_CLASS, subset } from 'selftarget';

/** What was said up to some moment; never changed, only replaced. */
export interface Said {
  /** Class of each labelled training item. */
  readonly labels: ReadonlyMap<number, number>;
  /** Class of each neuron that was named by hand, or {@link NO_CLASS}. */
  readonly byHand: ReadonlyMap<number, number>;
  /** Class of each neuron whose name came with a model file; labels and names by hand stand above it. */
  readonly given: ReadonlyMap<number, number>;
}

/** As many steps back as anybody remembers. */
const HISTORY = 50;

const nothing: Said = { labels: new Map(), byHand: new Map(), given: new Map() };

export class Naming {
  #said = nothing;
  #past: { readonly said: Said; readonly what: string }[] = [];
  #future: { readonly said: Said; readonly what: string }[] = [];

  get said(): Said {
    return this.#said;
  }

  /** What {@link undo} would take back, in words. */
  get undoable(): string | undefined {
    return this.#past.at(-1)?.what;
  }

  get redoable(): string | undefined {
    return this.#future.at(-1)?.what;
  }

  label(items: Iterable<readonly [item: number, to: number]>, what: string): void {
    this.#change({ ...this.#said, labels: new Map([...this.#said.labels, ...items]) }, what);
  }

  /** @param to a class, {@link NO_CLASS}, or undefined to leave the neuron to the labels */
  name(neuron: number, to: number | undefined, what: string): void {
    const byHand = new Map(this.#said.byHand);
    if (to === undefined) byHand.delete(neuron);
    else byHand.set(neuron, to);
    this.#change({ ...this.#said, byHand }, what);
  }

  forget(what: string): void {
    this.#change(nothing, what);
  }

  undo(): void {
    this.#travel(this.#past, this.#future);
  }

  redo(): void {
    this.#travel(this.#future, this.#past);
  }

  /** For another network: names of neurons mean nothing there, labels of images do. Cannot be undone. */
  dropNeurons(): void {
    this.replace({ ...nothing, labels: this.#said.labels });
  }

  /** Cannot be undone. */
  replace(said: Said): void {
    this.#said = said;
    this.#past = [];
    this.#future = [];
  }

  async association(learner: Learner, train: DataSet): Promise<Association> {
    const { labels, byHand, given } = this.#said;
    const classes = train.classes.length;
    const items = [...labels.keys()];
    const classOf =
      items.length === 0
        ? new Int32Array(learner.outputs).fill(NO_CLASS)
        : (await associate(learner, labelled(train, labels))).classOf;
    const under = items.length === 0 ? given : new Map<number, number>();
    for (const [neuron, c] of [...under, ...byHand]) if (neuron < classOf.length) classOf[neuron] = c;
    return { classes, classOf };
  }

  #change(said: Said, what: string): void {
    this.#past = [...this.#past, { said: this.#said, what }].slice(-HISTORY);
    this.#future = [];
    this.#said = said;
  }

  #travel(from: { said: Said; what: string }[], to: { said: Said; what: string }[]): void {
    const step = from.pop();
    if (!step) return;
    to.push({ said: this.#said, what: step.what });
    this.#said = step.said;
  }
}

function labelled(train: DataSet, labels: ReadonlyMap<number, number>): DataSet {
  return { ...subset(train, [...labels.keys()]), labels: Int32Array.from(labels.values()) };
}
