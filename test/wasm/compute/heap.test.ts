import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../../src/wasm/compute/heap.js';

/** One line of memory is an array's place: 0 when free, else the number of its block. */
class NaiveHeap {
  readonly lines: number[] = [];

  isFree(line: number, count: number): boolean {
    return this.lines.slice(line, line + count).every((block) => block === 0);
  }

  set(line: number, count: number, block: number): void {
    for (let i = line; i < line + count; i++) this.lines[i] = block;
    while (this.lines.at(-1) === 0) this.lines.pop();
  }

  /** Lengths of the free stretches within, with where they begin. */
  gaps(): { line: number; count: number }[] {
    const found: { line: number; count: number }[] = [];
    this.lines.forEach((block, line) => {
      if (block !== 0) return;
      const last = found.at(-1);
      if (last && last.line + last.count === line) last.count++;
      else found.push({ line, count: 1 });
    });
    return found;
  }
}

const LINE = 64;
const START = 1000 * LINE;

const commands = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 0, max: 1000 }) }) },
    { weight: 2, arbitrary: fc.record({ free: fc.nat() }) },
  ),
  { maxLength: 200 },
);

test('blocks are aligned, never overlap, take the smallest gap that fits, and gaps join', () => {
  fc.assert(
    fc.property(commands, (list) => {
      const heap = new Heap(START);
      const naive = new NaiveHeap();
      const blocks: { address: number; count: number }[] = [];
      let number = 0;
      let highWater = 0;
      for (const command of list) {
        if ('take' in command) {
          const count = Math.max(1, Math.ceil(command.take / LINE));
          const gaps = naive.gaps().filter((gap) => gap.count >= count);
          const best = Math.min(...gaps.map((gap) => gap.count));
          let grownTo = 0;
          const address = heap.allocate(command.take, (end) => (grownTo = end));
          expect(address % LINE).toBe(0);
          const line = (address - START) / LINE;
          expect(naive.isFree(line, count)).toBe(true);
          if (gaps.length > 0) {
            expect(gaps.some((gap) => gap.count === best && gap.line === line)).toBe(true);
            expect(grownTo).toBe(0);
          } else {
            expect(line).toBe(naive.lines.length);
            expect(grownTo).toBe(address + count * LINE);
          }
          while (naive.lines.length < line + count) naive.lines.push(0);
          naive.set(line, count, ++number);
          blocks.push({ address, count });
        } else if (blocks.length > 0) {
          const [block] = blocks.splice(command.free % blocks.length, 1);
          heap.free(block.address);
          expect(() => heap.free(block.address)).toThrow(/not allocated/);
          naive.set((block.address - START) / LINE, block.count, 0);
        }
        const used = LINE * naive.lines.filter((block) => block !== 0).length;
        highWater = Math.max(highWater, used);
        expect(heap).toMatchObject({ used, highWater, blocks: blocks.length });
        expect(heap.end).toBe(START + LINE * naive.lines.length);
      }
    }),
  );
});

test('a memory that cannot grow leaves the heap as it was', () => {
  const heap = new Heap(START);
  const kept = heap.allocate(100, () => undefined);
  const refuse = () => {
    throw new RangeError('full');
  };
  expect(() => heap.allocate(100, refuse)).toThrow('full');
  expect(heap).toMatchObject({ used: 128, highWater: 128, blocks: 1, end: START + 128 });
  heap.free(kept);
  expect(heap.end).toBe(START);
});
