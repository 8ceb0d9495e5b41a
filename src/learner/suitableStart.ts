/**
 * A learning rate and initial weights that suit data nobody has tuned for. Both follow from how strong the items are
 * as input (`inputPower`): a small dark picture has a power of about 15, a bright photograph one of several hundred,
 * and a rate that teaches the first makes the second diverge.
 *
 * The constants fit one layer of neurons with winner-take-all targets and plain gradient descent.
 */

/** Share of its error on an item that a neuron corrects in one step, roughly. */
const CORRECTED = 0.2;

/** Root mean square of an untrained neuron's response to an item. */
const FIRST_RESPONSE = 0.009;

/**
 * The base learning rate.
 *
 * With backpropagation the loss is a mean over the outputs, so the rate grows with their number, and a step moves a
 * response by the power of the input. Equilibrium propagation has no such mean.
 *
 * @param learner how gradients are computed
 * @param outputs neurons of the layer, N
 * @param power of the input, see `inputPower`
 */
export function suitableRate(learner: 'backprop' | 'equilibrium', outputs: number, power: number): number {
  return learner === 'backprop' ? (CORRECTED * outputs) / power : CORRECTED / Math.sqrt(power);
}

/**
 * The gain of the Xavier-uniform initial weights at which untrained neurons respond equally weakly to any data. Their
 * noise is then small beside what a neuron learns, so that its weights soon look like the items it wins.
 *
 * @param inputs values per item
 * @param outputs neurons of the layer, N
 * @param power of the input, see `inputPower`
 */
export function suitableGain(inputs: number, outputs: number, power: number): number {
  // Weights in U(-a, a) with a = gain sqrt(6 / (inputs + outputs)) respond with a root mean square of a sqrt(power / 3).
  return FIRST_RESPONSE * Math.sqrt((inputs + outputs) / (2 * power));
}
