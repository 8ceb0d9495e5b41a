// Assembles the package selftarget-cli in build/selftarget-cli from the built dist/: node scripts/packCommand.mjs
//
// Two packages come from one source tree. What "files" in package.json leaves out of the library is the command: its parts
// are copied. Where they import parts of the library, they get the library's package instead, so that a program that uses both
// has every class once. Publish with `npm publish` (the library) and `npm publish build/selftarget-cli`.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const out = 'build/selftarget-cli';
const library = JSON.parse(await readFile('package.json', 'utf8'));
const parts = library.files
  .filter((name) => name.startsWith('!dist/'))
  .map((name) => name.slice('!dist/'.length));
const isCommand = (path) => parts.some((part) => path.startsWith(`${part}/`));
const isCode = (path) => /\.(js|d\.ts)$/.test(path) && !path.startsWith('app/');

await rm(out, { recursive: true, force: true });
const entries = await readdir('dist', { recursive: true, withFileTypes: true });
const files = entries
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative('dist', join(parentPath, name)).replaceAll('\\', '/'));
for (const file of files) {
  if (isCommand(file)) {
    await mkdir(dirname(`${out}/dist/${file}`), { recursive: true });
    if (isCode(file)) await writeFile(`${out}/dist/${file}`, withImportsOf(file, await code(file)));
    else await cp(`dist/${file}`, `${out}/dist/${file}`);
  } else if (isCode(file)) {
    const wrong = importsOf(await code(file)).find((path) => isCommand(posix.join(dirname(file), path)));
    if (wrong)
      throw new Error(`${file} belongs to the library, but imports ${wrong}, which belongs to the command`);
  }
}

const { private: _, ...manifest } = JSON.parse(await readFile('packages/cli/package.json', 'utf8'));
const { repository, homepage, bugs, author } = library;
const published = {
  ...manifest,
  version: library.version,
  author,
  repository,
  homepage,
  bugs,
  bin: { selftarget: 'dist/cli/main.js' },
  exports: {
    '.': { types: './dist/run/index.d.ts', default: './dist/run/index.js' },
    './package.json': './package.json',
  },
  files: ['dist', 'THIRD_PARTY.md'],
  // Exactly this version: what the command takes from the library is internal.
  dependencies: { selftarget: library.version, ...manifest.dependencies },
};
await writeFile(`${out}/package.json`, `${JSON.stringify(published, null, 2)}\n`);
for (const name of ['packages/cli/README.md', 'LICENSE', 'THIRD_PARTY.md'])
  await cp(name, `${out}/${posix.basename(name)}`);

function code(file) {
  return readFile(`dist/${file}`, 'utf8');
}

/** Relative imports: static ones, dynamic ones, and those of types. */
function imports() {
  return /((?:\bfrom|\bimport)\s*\(?\s*)(['"])(\.{1,2}\/[^'"]+)\2/g;
}

function importsOf(text) {
  return Array.from(text.matchAll(imports()), ([, , , path]) => path);
}

function withImportsOf(file, text) {
  return text.replaceAll(imports(), (all, before, quote, path) => {
    const target = posix.join(dirname(file), path);
    return isCommand(target) ? all : `${before}${quote}selftarget/internal/${target}${quote}`;
  });
}
