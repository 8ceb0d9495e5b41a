/** The page's model file, and files that are none of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeModel, encodeModel, type ModelToSave } from '../../app/trainer/modelFile.js';
import { initialSettings, type Settings } from '../../app/settings.js';
import {
  BackpropNetwork,
  type Compute,
  createCompute,
  decodeSafetensors,
  encodeSafetensors,
  SelfDefinedTarget,
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
  const settings: Settings = {
    rule: 'equilibrium',
    neurons: 6,
    winners: 2,
    homeostasis: false,
    gamma: 0.8,
    rate: 2,
    seed: 7,
  };
  const target = new SelfDefinedTarget({ outputs: 6, winners: 2, gamma: 0.8 });
  target.homeostasis.set([1, 2, 3, 4, 5, 6]);
  const model: ModelToSave = {
    settings,
    dataset: 'digits',
    fingerprint: '3x12-abc',
    classes: ['cat', 'dog'],
    classOf: Int32Array.of(0, -1, -1, 1, 1, 1),
    said: {
      labels: new Map([
        [2, 1],
        [0, 0],
      ]),
      byHand: new Map([
        [1, -1],
        [5, 1],
      ]),
      given: new Map(),
    },
    progress: { epoch: 4, step: 2, items: 70 },
    target: target.state(),
  };

  test('brings back weights, settings, names, labels, progress and homeostasis', () => {
    const saved = decodeModel('mine.safetensors', encodeModel(network, model), 12);
    expect(saved.settings).toEqual(settings);
    expect(saved.classes).toEqual(['cat', 'dog']);
    expect(saved.names).toEqual(
      new Map([
        [0, 'cat'],
        [3, 'dog'],
        [4, 'dog'],
        [5, 'dog'],
      ]),
    );
    expect(saved.byHand).toEqual(model.said.byHand);
    expect(saved.labels).toEqual({ fingerprint: '3x12-abc', classes: model.said.labels });
    expect(saved.progress).toEqual(model.progress);
    expect(saved.weights.get('layer1.weight')).toEqual(network.state().get('layer1.weight'));
    const other = networkOf([12, 6]);
    other.load(saved.weights);
    expect(other.state()).toEqual(network.state());
    const again = new SelfDefinedTarget({ outputs: 6, winners: 2, gamma: 0.8 });
    again.load(saved.target);
    expect(again.homeostasis).toEqual(target.homeostasis);
  });

  test('tells other programs the classes of the neurons', () => {
    const { metadata } = decodeSafetensors(encodeModel(network, model));
    expect(JSON.parse(metadata.get('classOf') ?? '')).toEqual([0, -1, -1, 1, 1, 1]);
    expect(JSON.parse(metadata.get('config') ?? '')).toMatchObject({
      learner: 'equilibrium',
      layers: [12, 6],
      target: { winners: 2, gamma: 0 },
    });
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
    const saved = decodeModel('model.safetensors', bytes, 12);
    expect(saved.settings).toEqual({
      ...initialSettings,
      neurons: 6,
      winners: 3,
      homeostasis: false,
      seed: 5,
    });
    expect(saved.names.size).toBe(0);
    expect(saved.progress).toEqual({ epoch: 100, step: 0, items: undefined });
  });

  test('whose description is odd still gives its weights', () => {
    const bytes = joined(
      encodeSafetensors(network.state(), [
        ['config', '{"seed":-1,"target":{"winners":1e9,"gamma":"much"}}'],
        ['names', '{"99":"cat","2":7}'],
        ['progress', '{"epoch":-3}'],
        ['classes', '"cat"'],
        ['labels', '{"fingerprint":"x","items":[1,2],"classes":[0]}'],
        ['byHand', '[1.5]'],
        ['page', '{"rate":"fast","gamma":1e99}'],
      ]),
    );
    const saved = decodeModel('odd.safetensors', bytes, 12);
    expect(saved.settings).toEqual({ ...initialSettings, neurons: 6, winners: 6 });
    expect(saved.names.size).toBe(0);
    expect(saved.byHand.size).toBe(0);
    expect([saved.progress, saved.classes, saved.labels]).toEqual([undefined, undefined, undefined]);
  });

  test.each<[string, () => Uint8Array, number, RegExp]>([
    ['nonsense', () => Uint8Array.from({ length: 40 }, (_, i) => i), 12, /x cannot be read: /],
    ['a file cut short', () => encodeModel(network, model).slice(0, -9), 12, /cut short/],
    [
      'another network',
      () => joined(encodeSafetensors(new Map() as TensorMap)),
      12,
      /has no selftarget network/,
    ],
    ['two layers', () => joined(encodeSafetensors(networkOf([12, 5, 6]).state())), 12, /several layers/],
    [
      'other images',
      () => joined(encodeSafetensors(network.state())),
      784,
      /takes 12 values per image.*have 784/,
    ],
    ['too many neurons', () => joined(encodeSafetensors(networkOf([12, 1025]).state())), 12, /1025 neurons/],
  ])('refuses %s, and says why', (_, bytes, inputs, message) => {
    expect(() => decodeModel('x', bytes(), inputs)).toThrow(message);
  });
});
