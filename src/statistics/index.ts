/** Statistics of accuracies and of runs: pure functions that know nothing of networks, files or charts. */
export { mean, median, quantile, sampleDeviation } from './describe.js';
export { type Interval, proportionDistance, wilsonInterval } from './proportion.js';
export { bootstrapInterval, pairedTest, type ResampleOptions } from './resample.js';
