/** Whether a build is current, by the bytes it read and the files it wrote; times and places do not matter. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Digests of what a step of the build has read and written; equal ones mean that nothing changed.
 * @param {string} root
 * @param {{ version: string | undefined, reads: readonly string[], writes: readonly string[], except?: string }} step
 */
export function stampOf(root, { version, reads, writes, except }) {
  const inputs = digestOf(root, reads, undefined, (path) => readFileSync(path));
  const outputs = digestOf(root, writes, except, (path) => `${statSync(path).size}\0`);
  return { version, inputs, outputs };
}

/** A digest of all files at `paths`, by name and by what `about` answers. */
function digestOf(root, paths, except, about) {
  const digest = createHash('sha256');
  const add = (path) => {
    const here = join(root, path);
    if (path === except || !existsSync(here)) return;
    if (statSync(here).isDirectory()) for (const name of readdirSync(here).sort()) add(`${path}/${name}`);
    else digest.update(`${path}\0`).update(about(here));
  };
  for (const path of paths) add(path);
  return digest.digest('hex');
}
