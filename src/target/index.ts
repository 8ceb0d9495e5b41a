/**
 * Where targets come from: the network's own output (the paper's idea) or labels. A target rule sees a batch's
 * outputs and writes what they should have been; it knows nothing of how a learner learns, nor of regimes.
 */
export { LabelTarget } from './labelTarget.js';
export { SelfDefinedTarget, type SelfDefinedTargetOptions } from './selfDefinedTarget.js';
export { winnersTakeAll } from './winnersTakeAll.js';
