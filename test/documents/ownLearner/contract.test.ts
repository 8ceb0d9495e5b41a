import { learnerContract } from 'selftarget/testing';
import { test } from 'vitest';
import { Perceptron } from './perceptron.js';

for (const { name, run } of learnerContract((seed) => new Perceptron(6, 4, 0.1, seed))) test(name, run);
