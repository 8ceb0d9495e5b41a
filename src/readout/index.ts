/** Reading classes out of a frozen network: named neurons, a linear classifier, or the outputs themselves. */
export {
  type Association,
  type AssociationAccuracy,
  associate,
  associationAccuracy,
  averageAnswer,
  NO_CLASS,
} from './association.js';
export { accuracyOfConfusion, type ClassResult, classResults } from './classResults.js';
export { associationConfidence, type Confidence, outputConfidence } from './confidence.js';
export { labelAccuracy, labelAnswer, labelConfusion } from './labelAccuracy.js';
export {
  type ClassifierOptions,
  type ClassifierResult,
  type ClassifierRun,
  linearClassifier,
  type MakeClassifier,
  outputFeatures,
} from './linearClassifier.js';
export { OnlineClassifier, type OnlineClassifierOptions } from './onlineClassifier.js';
export { outputsOf, type Predictor, type ReadoutOptions } from './outputs.js';
export { type Mistake, type Survey, type SurveyOptions, survey } from './survey.js';
