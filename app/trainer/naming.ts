/** What the visitor says about images and neurons, and which class each neuron stands for then. */
import { associate, type Association, type DataSet, type Learner, NO_CLASS, subset } from 'selftarget';

export class Naming {
  /** Class of each labelled training item. */
  readonly labels = new Map<number, number>();
  /** Class of each neuron that was named by hand, or {@link NO_CLASS}. */
  readonly byHand = new Map<number, number>();

  get empty(): boolean {
    return this.labels.size === 0 && this.byHand.size === 0;
  }

  /** Names by hand stand above what the labelled images say. */
  async association(learner: Learner, train: DataSet): Promise<Association> {
    const classes = train.classes.length;
    const items = [...this.labels.keys()];
    const classOf =
      items.length === 0
        ? new Int32Array(learner.outputs).fill(NO_CLASS)
        : (await associate(learner, this.#labelled(train, items))).classOf;
    for (const [neuron, c] of this.byHand) if (neuron < classOf.length) classOf[neuron] = c;
    return { classes, classOf };
  }

  #labelled(train: DataSet, items: readonly number[]): DataSet {
    return { ...subset(train, items), labels: Int32Array.from(this.labels.values()) };
  }
}
