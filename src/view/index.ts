/**
 * What a run looks like: charts and images, the same in the report and on the page. Functions from plain data to an
 * SVG element or to pixels; they know nothing of runs, files or learners. Where there is no browser, the `document`
 * to draw with is passed in (linkedom's in Node).
 */
export { type AccuracyBar, accuracyBars } from './charts/accuracyBars.js';
export { confusionMatrix } from './charts/confusionMatrix.js';
export type { ChartOptions } from './charts/chartOptions.js';
export { histogram, type HistogramOptions } from './charts/histogram.js';
export { labelCurves, learningCurves, settlingStates, timings, winnersPerNeuron } from './charts/curves.js';
export type { Line, LinePoint } from './charts/lines.js';
export { type OutputWins, winsPerOutput } from './charts/winsPerOutput.js';
export { scatter, type ScatterPoint } from './charts/scatter.js';
export { chartStyle, classColour, classColourIn, seriesColour } from './charts/theme.js';
export { imageGrid, type ImageGridOptions, type Pixels } from './images/imageGrid.js';
export { neuronsByClass, type NeuronRow } from './images/neuronsByClass.js';
export { inputWeights, type InputWeights } from './images/inputWeights.js';
export { meanImage } from './images/meanImage.js';
