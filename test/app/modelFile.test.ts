/** The page's model file, and files that are none of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeModel, encodeModel } from '../../app/trainer/modelFile.js';
import { initialSettings, type Settings } from '../../app/settings.js';
import {
  BackpropNetwork,
  type Compute,
  createCompute,
  encodeSafetensors,
  type TensorMap,
} from '../../src/index.js';

const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('a model file', () => {
  let compute: Compute;
  let network: BackpropNetwork;

  beforeAll(async () => {
    compute = await createCompute({ threads: 1 });
    network = networkOf([12, 6]);
  });
  afterAll(() => compute.dispose());

  const networkOf = (layers: readonly number[]) =>
    new BackpropNetwork(
      compute,
      {
        layers,
        activations: ['identity', ...layers.slice(2).map(() => 'relu' as const), 'hard-sigmoid'],
        dropout: layers.map(() => 0),
        loss: 'mse',
        optimizer: 'sgd',
        learningRates: layers.slice(1).map(() => 1),
      },
      3,
    );
  const about = { dataset: 'digits', epoch: 4, step: 2 };

  test('brings back weights, settings and names', () => {
    const settings: Settings = {
      ...{ rule: 'equilibrium', neurons: 6, winners: 2, homeostasis: true, gamma: 0.8, seed: 7 },
    };
    const names = new Map([
      [0, 'cat'],
      [5, 'dog'],
    ]);
    const bytes = encodeModel(network, settings, names, about);
    const saved = decodeModel('mine.safetensors', bytes, 12);
    expect(saved.settings).toEqual(settings);
    expect(saved.names).toEqual(names);
    expect(saved.weights.get('layer1.weight')).toEqual(network.state().get('layer1.weight'));
    const other = networkOf([12, 6]);
    other.load(saved.weights);
    expect(other.state()).toEqual(network.state());
  });

  test('of the command is read as well', () => {
    const config = {
      ...{ regime: 'unsupervised', learner: 'backprop', dataset: 'digits', layers: [12, 6], seed: 5 },
      target: { winners: 3, gamma: 0, eta: 0.6, smoothing: 0, mode: 'batch' },
    };
    const bytes = joined(
      encodeSafetensors(network.state(), [
        ['format', 'selftarget model 1'],
        ['config', JSON.stringify(config)],
        ['progress', '{"epoch":100,"step":0}'],
      ]),
    );
    const { settings, names } = decodeModel('model.safetensors', bytes, 12);
    expect(settings).toEqual({ ...initialSettings, neurons: 6, winners: 3, homeostasis: false, seed: 5 });
    expect(names.size).toBe(0);
  });

  test('whose description is odd still gives its weights', () => {
    const bytes = joined(
      encodeSafetensors(network.state(), [
        ['config', '{"seed":-1,"target":{"winners":1e9,"gamma":"much"}}'],
        ['names', '{"99":"cat","2":7}'],
      ]),
    );
    const { settings, names } = decodeModel('odd.safetensors', bytes, 12);
    expect(settings).toEqual({ ...initialSettings, neurons: 6, winners: 6 });
    expect(names.size).toBe(0);
  });

  test.each<[string, () => Uint8Array, number, RegExp]>([
    ['nonsense', () => Uint8Array.from({ length: 40 }, (_, i) => i), 12, /x cannot be read: /],
    [
      'a file cut short',
      () => encodeModel(network, initialSettings, new Map(), about).slice(0, -9),
      12,
      /cut short/,
    ],
    ['another network', () => joined(encodeSafetensors(new Map() as TensorMap)), 12, /holds no network/],
    ['two layers', () => joined(encodeSafetensors(networkOf([12, 5, 6]).state())), 12, /several layers/],
    [
      'other images',
      () => joined(encodeSafetensors(network.state())),
      784,
      /takes 12 values an image.*have 784/,
    ],
    ['too many neurons', () => joined(encodeSafetensors(networkOf([12, 1025]).state())), 12, /1025 neurons/],
  ])('refuses %s, and says why', (_, bytes, inputs, message) => {
    expect(() => decodeModel('x', bytes(), inputs)).toThrow(message);
  });
});
