// A learner, a target rule and a regime of one's own, as the command takes them:
//
//   selftarget train digits --use examples/extension.mjs --set learner=delta-rule --set rule=soft-winners \
//     --set regime=rehearsed --set target=null --set soft.temperature=0.02 --set rehearsed.share=0.5
//
// The library takes the three classes and functions as they are, without the entries at the end.
import { isOutputLoss, Purpose, RandomStream, subset, trainPhases } from 'selftarget';

/** One layer of outputs y = clip(W x + b, 0, 1), trained by the delta rule in plain JavaScript. */
export class DeltaRule {
  traits = {
    precision: 'f64',
    deterministic: true,
    optimisers: ['default'],
    maskRate: 0,
    givenGradient: false,
    itemWeights: true,
  };

  constructor(inputs, outputs, learningRate, seed) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.learningRate = learningRate;
    const random = new RandomStream(seed, Purpose.initialise);
    this.weights = Float32Array.from({ length: inputs * outputs }, () => 0.1 * random.uniform());
    this.bias = new Float32Array(outputs);
  }

  predict({ size, values: x }) {
    const { inputs, outputs, weights, bias } = this;
    const values = new Float32Array(size * outputs);
    for (let b = 0; b < size; b++) {
      for (let i = 0; i < outputs; i++) {
        let sum = bias[i];
        for (let k = 0; k < inputs; k++) sum += weights[i * inputs + k] * x[b * inputs + k];
        values[b * outputs + i] = Math.min(1, Math.max(0, sum));
      }
    }
    return { size, width: outputs, values };
  }

  async step(batch, rule, at) {
    if (isOutputLoss(rule)) throw new TypeError('the delta rule takes targets only');
    const { inputs, outputs, weights, bias } = this;
    const y = this.predict(batch);
    const d = new Float32Array(y.values.length);
    const itemWeights = await rule.write(y, d, at);
    const rate = (at.rate * this.learningRate) / batch.size;
    let loss = 0;
    for (let b = 0; b < batch.size; b++) {
      const weight = itemWeights?.[b] ?? 1;
      for (let i = 0; i < outputs; i++) {
        const error = d[b * outputs + i] - y.values[b * outputs + i];
        loss += (weight * error * error) / y.values.length;
        const change = rate * weight * error;
        bias[i] += change;
        for (let k = 0; k < inputs; k++) weights[i * inputs + k] += change * batch.values[b * inputs + k];
      }
    }
    return { loss };
  }

  state() {
    const { inputs, outputs, weights, bias } = this;
    return new Map([
      ['layer1.weight', { shape: [outputs, inputs], data: weights.slice() }],
      ['layer1.bias', { shape: [outputs], data: bias.slice() }],
    ]);
  }

  load(state) {
    this.weights.set(state.get('layer1.weight').data);
    this.bias.set(state.get('layer1.bias').data);
  }
}

/** d = softmax((y - activity) / temperature): every output wins a little, those that often win a little less. */
export class SoftWinners {
  constructor(outputs, temperature) {
    this.temperature = temperature;
    this.activity = new Float64Array(outputs);
  }

  write({ size, width, values }, d) {
    const { activity, temperature } = this;
    for (let b = 0; b < size; b++) {
      let sum = 0;
      for (let i = 0; i < width; i++) {
        const e = Math.exp((values[b * width + i] - activity[i]) / temperature);
        d[b * width + i] = e;
        sum += e;
      }
      for (let i = 0; i < width; i++) {
        d[b * width + i] /= sum;
        activity[i] += 0.05 * (d[b * width + i] - 1 / width);
      }
    }
  }

  state() {
    return new Map([['soft.activity', { shape: [this.activity.length], data: this.activity.slice() }]]);
  }

  load(state) {
    this.activity.set(state.get('soft.activity').data);
  }
}

/** Every epoch goes over all items, and then once more over the first share of them. */
export function rehearsed({ data, share, target, batchSize, schedule, epochs, ...basics }) {
  const few = subset(
    data,
    Array.from({ length: Math.ceil(share * data.length) }, (_, i) => i),
  );
  const pass = { batchSize, schedule, rule: target };
  const passes = [
    { ...pass, name: 'all', data },
    { ...pass, name: 'again', data: few },
  ];
  return trainPhases(basics, [{ epochs, passes }]);
}

export default ({ z }) => ({
  learners: [
    {
      name: 'delta-rule',
      title: 'the delta rule',
      build: ({ layers, learningRates, seed }) =>
        new DeltaRule(layers[0], layers[layers.length - 1], learningRates[0], seed),
    },
  ],
  rules: [
    {
      name: 'soft-winners',
      sections: { soft: z.strictObject({ temperature: z.number().gt(0) }) },
      *problems({ soft }) {
        if (!soft) yield 'soft: is missing; soft winners need soft.temperature';
      },
      build: ({ soft }, { outputs }) => new SoftWinners(outputs, soft.temperature),
    },
  ],
  regimes: [
    {
      name: 'rehearsed',
      title: 'Rehearsed',
      takesRule: true,
      answers: 'neurons',
      sections: { rehearsed: z.strictObject({ share: z.number().gt(0).max(1) }) },
      *problems({ rehearsed: settings }) {
        if (!settings) yield 'rehearsed: is missing; it needs rehearsed.share';
      },
      describe: ({ unlabelled }) => `on ${unlabelled} items, some of them twice`,
      plan({ rehearsed: { share }, epochs }, { train, training, rule }) {
        const items = train.length + Math.ceil(share * train.length);
        return {
          epochs,
          labelled: 0,
          unlabelled: train.length,
          about: (epoch) => ({ items, rate: 1, phaseEpoch: epoch, phaseEpochs: epochs }),
          train: (from, signal) => rehearsed({ ...training, from, signal, data: train, share, target: rule }),
        };
      },
    },
  ],
});
