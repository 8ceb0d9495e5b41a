/** The learners, target rules and regimes that come with selftarget. */
export { backprop } from './backprop.js';
export { equilibriumEntry } from './equilibrium.js';
export { selfDefined } from './selfDefined.js';
export { semiSupervisedEntry } from './semiSupervised.js';
export { supervisedEntry } from './supervised.js';
export { unsupervisedEntry } from './unsupervised.js';
