// What the kernels take, read from their AssemblyScript sources and written as TypeScript.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** AssemblyScript's types of arguments, as callers see them. */
const types = {
  usize: 'Address',
  Optional: 'OptionalAddress',
  i32: 'Amount',
  u32: 'Amount',
  f32: 'Amount',
  bool: 'boolean',
};

/** The kernels that `index` exports, in its order: each with what its source says of it, and what it takes after (part, parts). */
export async function readKernels(index) {
  const kernels = [];
  for (const [, names, file] of (await readFile(index, 'utf8')).matchAll(
    /export \{([^}]*)\} from '([^']*)'/g,
  )) {
    const source = await readFile(join(dirname(index), `${file}.ts`), 'utf8');
    for (const name of names.split(',').map((text) => text.trim())) {
      if (name !== '') kernels.push(readKernel(name, source, file));
    }
  }
  return kernels;
}

function readKernel(name, source, file) {
  const found = new RegExp(`export function ${name}\\(([^)]*)\\): void`).exec(source);
  if (!found) throw new Error(`${file}.ts has no kernel "${name}" that returns nothing`);
  const [part, parts, ...parameters] = found[1]
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const [key, type] = text.split(':').map((word) => word.trim());
      if (!(type in types))
        throw new Error(`${name} takes "${key}" of a type that callers cannot give: ${type}`);
      return { key, type: types[type] };
    });
  if (part?.key !== 'part' || parts?.key !== 'parts')
    throw new Error(`${name} must take (part, parts) first`);
  const comment = /\/\*\*(?:(?!\*\/)[^])*\*\/\n$/.exec(source.slice(0, found.index))?.[0] ?? '';
  return { name, parameters, comment };
}

/** The TypeScript module that says what kernels take, puts it in order, and gives the numbers of the layout. */
export function writeSignatures(kernels, layout) {
  const interfaces = kernels.map(({ name, parameters, comment }) => {
    const members = parameters.map(({ key, type }) => `    ${key}: ${type};\n`);
    return `${indented(comment)}  ${name}: {\n${members.join('')}  };\n`;
  });
  const orders = kernels.map(({ name, parameters }) => {
    const values = parameters.map(({ key, type }) => (type === 'boolean' ? `Number(a.${key})` : `a.${key}`));
    return `  ${name}: (a) => [${values.join(', ')}],\n`;
  });
  const constants = Object.entries(layout).map(([name, value]) => `export const ${name} = ${value};\n`);
  return `// Written by scripts/buildKernels.mjs from kernels/, whose comments these are.
import type { Address, Amount, OptionalAddress } from './address.js';

/** What every kernel takes, by name. */
export interface Kernels {
${interfaces.join('\n')}}

/** The arguments of every kernel in its own order. */
export const inOrder: { readonly [K in keyof Kernels]: (a: Kernels[K]) => number[] } = {
${orders.join('')}};

${constants.join('')}`;
}

function indented(comment) {
  return comment.replace(/^(?=.)/gm, '  ');
}
