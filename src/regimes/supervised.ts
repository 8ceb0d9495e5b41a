/** Learning from labels: what the network was built for, and the figure to compare with. */
import { DataError, type DataSet, UNLABELLED } from '../data/dataSet.js';
import { LabelTarget } from '../target/labelTarget.js';
import type { Pass, TrainEvent, Training } from './phases.js';
import { trainPhases } from './training.js';

export interface SupervisedTraining extends Training {
  /** Label smoothing in [0, 1). */
  readonly labelSmoothing?: number | undefined;
}

export function supervised(training: SupervisedTraining): AsyncGenerator<TrainEvent> {
  const { data, batchSize, schedule, epochs, labelSmoothing } = training;
  const pass = { ...labelPass(data, labelSmoothing), batchSize, schedule };
  return trainPhases(training, [{ epochs, passes: [pass] }]);
}

/** A pass whose target is each item's label. Throws {@link DataError} when an item has none. */
export function labelPass(data: DataSet, labelSmoothing?: number | undefined): Pick<Pass, 'data' | 'rule'> {
  if (data.labels.includes(UNLABELLED)) {
    throw new DataError(
      `${data.name}: supervised training needs a label for every item; leave unlabelled ones out`,
    );
  }
  return { data, rule: new LabelTarget(data.labels, data.classes.length, labelSmoothing) };
}
