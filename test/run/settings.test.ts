import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/run/errors.js';
import { mergeSettings, parseAssignment, resolveConfig } from '../../src/run/settings.js';
import { temporaryFolder } from './temporary.js';

describe('--set', () => {
  test.each([
    ['epochs=3', ['epochs'], 3],
    ['target.winners=5', ['target', 'winners'], 5],
    ['loss=mse', ['loss'], 'mse'],
    ['learningRates=[1, 2.5]', ['learningRates'], [1, 2.5]],
    ['readout.labels=1%', ['readout', 'labels'], '1%'],
    ['dataset="3"', ['dataset'], '3'],
    ['target=null', ['target'], null],
    ['dataset=a=b', ['dataset'], 'a=b'],
    ['dataset=', ['dataset'], ''],
    ['schedule={"shape":"constant"}', ['schedule'], { shape: 'constant' }],
  ])('reads %s', (text, path, value) => {
    expect(parseAssignment(text)).toEqual({ path, value });
  });

  test.each(['epochs', '=3', 'target..winners=3', '.a=1', ''])('refuses "%s"', (text) => {
    expect(() => parseAssignment(text)).toThrow(/key=value/);
  });

  test('changes one entry of a list, or says how many there are', async () => {
    const { learningRates } = await resolveConfig({
      preset: 'unsupervised-bp-2layer',
      set: ['learningRates.1=7'],
    });
    expect(learningRates).toEqual([2.5, 7]);
    const beyond = resolveConfig({ preset: 'unsupervised-bp-2layer', set: ['learningRates.2=7'] });
    await expect(beyond).rejects.toThrow(/list of 2; use 0 to 1/);
  });

  test('refuses a part of what has none, and names that every object has', async () => {
    await expect(resolveConfig({ set: ['epochs.n=3'] })).rejects.toThrow(/"epochs" is .* has no parts/);
    await expect(resolveConfig({ set: ['__proto__.polluted=1'] })).rejects.toThrow(ConfigError);
    await expect(resolveConfig({ set: ['constructor.prototype.polluted=1'] })).rejects.toThrow(ConfigError);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('settings on top of others', () => {
  test('are merged part by part; lists are replaced; null takes away', () => {
    const under = { a: { b: 1, c: 2 }, list: [1, 2], gone: 1 };
    expect(mergeSettings(under, { a: { c: 3 }, list: [9], gone: null })).toEqual({
      a: { b: 1, c: 3 },
      list: [9],
    });
    expect(under).toEqual({ a: { b: 1, c: 2 }, list: [1, 2], gone: 1 });
  });

  test('replace a schedule of another shape', () => {
    const linear = { schedule: { shape: 'linear', from: 1, to: 0 } };
    expect(mergeSettings(linear, { schedule: { shape: 'exponential', factor: 0.9 } })).toEqual({
      schedule: { shape: 'exponential', factor: 0.9 },
    });
    expect(mergeSettings(linear, { schedule: { shape: 'linear', to: 0.5 } })).toEqual({
      schedule: { shape: 'linear', from: 1, to: 0.5 },
    });
  });
});

describe('resolution', () => {
  const fileWith = (content: unknown): string => {
    const file = join(temporaryFolder(), 'settings.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };

  test('goes from preset over file and --set to flags', async () => {
    const file = fileWith({ epochs: 11, batchSize: 11, seed: 11, target: { winners: 11 } });
    const config = await resolveConfig({
      preset: 'unsupervised-bp-1layer',
      ...{ file, set: ['batchSize=12', 'seed=12'], flags: { seed: 13 } },
    });
    expect(config).toMatchObject({ layers: [784, 2000], epochs: 11, batchSize: 12, seed: 13 });
    expect(config.target).toMatchObject({ winners: 11, gamma: 0.4 });
  });

  test('of nothing is the built-in digits', async () => {
    expect((await resolveConfig({})).dataset).toBe('digits');
  });

  test("takes a run's config.json as a file", async () => {
    const config = await resolveConfig({ preset: 'supervised-bp-1layer', flags: { seed: 5 } });
    expect(await resolveConfig({ file: fileWith({ format: 'selftarget run 1', config }) })).toEqual(config);
  });

  test('says what is wrong with a file', async () => {
    await expect(resolveConfig({ file: '/nowhere/x.json' })).rejects.toThrow(/no such file/);
    await expect(resolveConfig({ file: fileWith('{') })).rejects.toThrow(/not valid JSON/);
    await expect(resolveConfig({ file: fileWith([]) })).rejects.toThrow(/JSON object of settings/);
    const wrong = fileWith({ epoch: 3 });
    await expect(resolveConfig({ preset: 'digits', file: wrong })).rejects.toThrow(
      /"epoch"; did you mean "epochs"/,
    );
  });

  test('names the preset that was probably meant', async () => {
    await expect(resolveConfig({ preset: 'unsupervised-bp-1-layer' })).rejects.toThrow(
      /did you mean "unsupervised-bp-1layer"/,
    );
    await expect(resolveConfig({ preset: 'toString' })).rejects.toThrow(/unknown preset/);
  });
});
