/**
 * Modules with a fault that an engine might make: one of their stores is lost, as V8 14.6 lost the second of two neighbouring ones
 * when it widened them. The instruction is overwritten in place by what takes its operands off the stack and does nothing.
 */

export interface Store {
  /** Where the instruction begins in the module, and its length. */
  readonly at: number;
  readonly bytes: number;
  /** How many operands it takes. */
  readonly operands: number;
}

const DROP = 0x1a;
const NOP = 0x01;

/** A copy of the module without that store. */
export function without(module: Uint8Array, { at, bytes, operands }: Store): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(module);
  copy.fill(NOP, at, at + bytes);
  copy.fill(DROP, at, at + operands);
  return copy;
}

/** Of every exported function the stores in it and in all that it calls. */
export function storesOf(module: Uint8Array): Map<string, Store[]> {
  const reader = new Reader(module, 8);
  let imported = 0;
  const exported = new Map<string, number>();
  const functions: { stores: Store[]; calls: number[] }[] = [];
  while (reader.at < module.length) {
    const section = reader.byte();
    const length = reader.number();
    const end = reader.at + length;
    if (section === 2) imported = functionsImported(reader);
    if (section === 7) {
      for (let left = reader.number(); left > 0; left--) {
        const name = reader.text();
        const isFunction = reader.byte() === 0;
        const index = reader.number();
        if (isFunction) exported.set(name, index);
      }
    }
    if (section === 10) {
      for (let left = reader.number(); left > 0; left--) functions.push(readFunction(reader));
    }
    reader.at = end;
  }
  return new Map(
    [...exported].map(([name, index]) => {
      const seen = new Set<number>();
      const visit = (number: number): void => {
        if (number < imported || seen.has(number)) return;
        seen.add(number);
        functions[number - imported].calls.forEach(visit);
      };
      visit(index);
      return [name, [...seen].flatMap((number) => functions[number - imported].stores)];
    }),
  );
}

class Reader {
  constructor(
    readonly module: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    return this.module[this.at++];
  }

  /** A whole number in groups of seven bits, of which only the low 32 bits are wanted. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.module.subarray(this.at - length, this.at));
  }
}

function functionsImported(reader: Reader): number {
  let functions = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === 0) functions++;
    if (kind === 0 || kind === 3) reader.number();
    if (kind === 3) reader.byte();
    if (kind === 2) {
      const limits = reader.byte();
      reader.number();
      if (limits & 1) reader.number();
    }
  }
  return functions;
}

function readFunction(reader: Reader): { stores: Store[]; calls: number[] } {
  const length = reader.number();
  const end = reader.at + length;
  for (let left = reader.number(); left > 0; left--) {
    reader.number();
    reader.byte();
  }
  const stores: Store[] = [];
  const calls: number[] = [];
  while (reader.at < end) {
    const at = reader.at;
    const operands = readInstruction(reader, calls);
    if (operands > 0) stores.push({ at, bytes: reader.at - at, operands });
  }
  return { stores, calls };
}

/** Reads over one instruction; answers how many operands it takes if it stores, or 0. */
function readInstruction(reader: Reader, calls: number[]): number {
  const code = reader.byte();
  const skip = (numbers: number) => {
    for (; numbers > 0; numbers--) reader.number();
  };
  if (code === 0xfd) return readVectorInstruction(reader);
  if (code === 0xfc) {
    const kind = reader.number();
    skip([8, 10].includes(kind) ? 2 : kind > 8 ? 1 : 0);
    return kind === 10 || kind === 11 ? 3 : 0;
  }
  if (code >= 0x28 && code <= 0x3e) {
    skip(2);
    return code >= 0x36 ? 2 : 0;
  }
  if (code === 0x10) calls.push(reader.number());
  else if (code === 0x43) reader.at += 4;
  else if (code === 0x44) reader.at += 8;
  else if (code === 0x0e) skip(reader.number() + 1);
  else if ((code >= 0x02 && code <= 0x04) || code === 0x0c || code === 0x0d) skip(1);
  else if ((code >= 0x20 && code <= 0x24) || (code >= 0x3f && code <= 0x42)) skip(1);
  // What is called through a table (the exponential, the hyperbolic tangent) stores nothing.
  else if (code === 0x11) skip(2);
  else if (code === 0x1c) skip(reader.number());
  else if (code === 0xfe) throw new Error('atomic instructions are not known here');
  return 0;
}

function readVectorInstruction(reader: Reader): number {
  const kind = reader.number();
  if (kind <= 11 || (kind >= 84 && kind <= 93)) {
    reader.number();
    reader.number();
    if (kind >= 84 && kind <= 91) reader.byte();
    return kind === 11 || (kind >= 88 && kind <= 91) ? 2 : 0;
  }
  if (kind === 12 || kind === 13) reader.at += 16;
  else if (kind >= 21 && kind <= 34) reader.byte();
  return 0;
}
