/** What must go wrong, and how it is told. */
import { expect } from 'vitest';
import { DataError } from '../../src/data/dataSet.js';

/** The message of the DataError that `act` must throw or reject with. */
export async function messageOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
