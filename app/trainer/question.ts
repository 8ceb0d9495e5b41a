/** Which image to ask about: one that many unnamed neurons respond to, so that one label names them all. */
import {
  type Association,
  type DataSet,
  type Learner,
  NO_CLASS,
  Purpose,
  RandomStream,
  readBatch,
} from 'selftarget';

const CANDIDATES = 200;
/** Of the random stream; no training step is so late. */
const QUESTIONS = 0x7fff0000;

export async function chooseQuestion(
  learner: Learner,
  train: DataSet,
  { classOf }: Association,
  asked: { readonly labelled: ReadonlyMap<number, number>; readonly skipped: ReadonlySet<number> },
  seed: number,
  number: number,
): Promise<number | undefined> {
  const order = new RandomStream(seed, Purpose.order, QUESTIONS + number).permutation(train.length);
  const free = order.filter((item) => !asked.labelled.has(item));
  const candidates = [...free.filter((item) => !asked.skipped.has(item)), ...free].slice(0, CANDIDATES);
  if (candidates.length === 0) return undefined;
  const { values, width } = await learner.predict(readBatch(train, candidates, 0, candidates.length));
  let [best, most] = [0, -1];
  for (let b = 0; b < candidates.length; b++) {
    let unnamed = 0;
    for (let i = 0; i < width; i++) if (classOf[i] === NO_CLASS) unnamed += values[b * width + i];
    if (unnamed > most) [best, most] = [b, unnamed];
  }
  return candidates[best];
}
