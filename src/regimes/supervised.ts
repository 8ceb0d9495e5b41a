/** Learning from labels: what the network was built for, and the figure to compare with. */
import { DataError, UNLABELLED } from '../data/dataSet.js';
import { LabelTarget } from '../target/labelTarget.js';
import { type TrainEvent, type Training, trainEpochs } from './training.js';

export interface SupervisedTraining extends Training {
  /** Label smoothing in [0, 1). */
  readonly labelSmoothing?: number | undefined;
}

export function supervised(training: SupervisedTraining): AsyncGenerator<TrainEvent> {
  const { data } = training;
  if (data.labels.includes(UNLABELLED)) {
    throw new DataError(
      `${data.name}: supervised training needs a label for every item; leave unlabelled ones out`,
    );
  }
  const target = new LabelTarget(data.classes.length, training.labelSmoothing);
  return trainEpochs(training, target, {
    beforeStep: (indices) => {
      target.labels = Array.from(indices, (i) => data.labels[i]);
    },
  });
}
