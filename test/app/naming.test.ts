/** What was said about images and neurons, and its history. */
import { describe, expect, test } from 'vitest';
import { Naming } from '../../app/trainer/naming.js';
import { bytesDataSet, type Learner } from '../../src/index.js';

/** Two items; the first neuron answers the first item, the second the second, the third nothing. */
const data = bytesDataSet({
  name: 'two',
  bytes: Uint8Array.of(255, 0, 0, 255),
  shape: [2],
  classes: ['cat', 'dog'],
  labels: new Int32Array(2).fill(-1),
});

const learner = {
  inputs: 2,
  outputs: 3,
  predict: ({ size, values }: { size: number; values: Float32Array }) => {
    const out = new Float32Array(3 * size);
    for (let b = 0; b < size; b++) out.set([values[2 * b], values[2 * b + 1], 0], 3 * b);
    return { size, width: 3, values: out };
  },
} as unknown as Learner;

const classOf = async (naming: Naming) => Array.from((await naming.association(learner, data)).classOf);

describe('naming', () => {
  test('neurons take the names of what they answer to; a name by hand stands above', async () => {
    const naming = new Naming();
    expect(await classOf(naming)).toEqual([-1, -1, -1]);
    naming.label([[0, 1]], 'label “dog”');
    naming.label([[1, 0]], 'label “cat”');
    expect((await classOf(naming)).slice(0, 2)).toEqual([1, 0]);
    naming.name(0, 0, 'neuron 1: cat');
    expect((await classOf(naming))[0]).toBe(0);
    naming.name(0, undefined, 'neuron 1: no name');
    expect((await classOf(naming))[0]).toBe(1);
  });

  test('what was said is taken back in turn, and said again', async () => {
    const naming = new Naming();
    naming.label([[0, 1]], 'first');
    naming.name(2, 0, 'second');
    naming.forget('all');
    expect(naming.undoable).toBe('all');
    naming.undo();
    expect([...naming.said.labels, ...naming.said.byHand]).toEqual([
      [0, 1],
      [2, 0],
    ]);
    naming.undo();
    expect(naming.said.byHand.size).toBe(0);
    expect([naming.undoable, naming.redoable]).toEqual(['first', 'second']);
    naming.redo();
    expect(naming.said.byHand.get(2)).toBe(0);
    // Something new leaves nothing to say again.
    naming.undo();
    naming.label([[1, 1]], 'other');
    expect(naming.redoable).toBeUndefined();
    naming.undo();
    naming.undo();
    naming.undo();
    expect(naming.said.labels.size).toBe(0);
  });

  test('labels outlive a reset of the network, names of neurons do not', () => {
    const naming = new Naming();
    naming.label([[0, 1]], 'first');
    naming.name(2, 0, 'second');
    naming.dropNeurons();
    expect([naming.said.labels.size, naming.said.byHand.size, naming.undoable]).toEqual([1, 0, undefined]);
  });

  test('names of a file count until there are labels', async () => {
    const naming = new Naming();
    naming.replace({ labels: new Map(), byHand: new Map(), given: new Map([[2, 1]]) });
    expect(await classOf(naming)).toEqual([-1, -1, 1]);
    naming.label([[0, 0]], 'cat');
    expect((await classOf(naming))[0]).toBe(0);
    naming.undo();
    expect(await classOf(naming)).toEqual([-1, -1, 1]);
  });
});
