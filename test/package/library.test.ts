/** The library as its users get it: packed, installed, type-checked, run in Node and weighed. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  esbuild,
  bytesIn,
  example,
  installed,
  packed,
  project,
  root,
  run,
  type Tarballs,
  tool,
  typeCheck,
  withoutRegistry,
} from './packages.js';

describe.skipIf(withoutRegistry !== '')(
  `the library's package${withoutRegistry}`,
  { timeout: 180_000 },
  () => {
    let tarballs: Tarballs;
    let folder: string;
    let remove: () => void;

    beforeAll(async () => {
      tarballs = await packed();
      ({ folder, remove } = await project([tarballs.library]));
    }, 180_000);

    afterAll(() => {
      remove?.();
      tarballs?.remove();
    });

    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

    test('brings few packages and little else', () => {
      const packages = installed(folder);
      const megabytes = bytesIn(join(folder, 'node_modules')) / 1e6;
      console.log(`${packages.length} packages, ${megabytes.toFixed(1)} MB: ${packages.join(', ')}`);
      expect(packages.length).toBeLessThanOrEqual(6);
      expect(megabytes).toBeLessThan(5);
    });

    test('holds nothing of the command, and no source maps', () => {
      const files = readdirSync(join(folder, 'node_modules/selftarget'), { recursive: true }).map(String);
      expect(files).toContain(join('dist', 'index.js'));
      expect(files.filter((file) => /^dist.(app|cli|run|serve|reproduction)\b|\.map$/.test(file))).toEqual(
        [],
      );
    });

    test('declares its embedded bytes as strings, not as their text', () => {
      const types = join(folder, 'node_modules/selftarget/dist');
      const declarations = readdirSync(types, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.d.ts'));
      expect(declarations).toContain(join('wasm', 'compute', 'kernelBytes.d.ts'));
      const longest = (name: string) =>
        Math.max(
          ...readFileSync(join(types, name), 'utf8')
            .split('\n')
            .map(({ length }) => length),
        );
      expect(declarations.filter((name) => longest(name) > 1000)).toEqual([]);
    });

    test.each(['bundler', 'nodenext'] as const)(
      'type-checks strictly with %s resolution',
      async (resolution) => {
        write('page.ts', "export * as library from 'selftarget';\nexport * as view from 'selftarget/view';");
        write('example.ts', example('README.md'));
        await typeCheck(folder, ['page.ts', 'example.ts'], resolution);
      },
    );

    test('type-checks strictly in Node, whose own types its users have', async () => {
      await run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--no-save', '@types/node@20']);
      write('node.ts', "export * as node from 'selftarget/node';");
      await typeCheck(folder, ['node.ts'], 'nodenext');
    });

    test('is type-checked: a wrong use is found', async () => {
      write('wrong.ts', "import { digits } from 'selftarget';\nexport const wrong: string = digits();");
      await expect(typeCheck(folder, ['wrong.ts'], 'bundler')).rejects.toThrow(
        /not assignable to type 'string'/,
      );
    });

    test("README's example runs in Node, and ends with an accuracy and an answer", async () => {
      write('example.mjs', example('README.md'));
      const printed = await run(folder, process.execPath, ['example.mjs']);
      const accuracy = Number(/([\d.]+) % of the test images/.exec(printed)?.[1]);
      expect(accuracy).toBeGreaterThan(85);
      expect(accuracy).toBeLessThan(100);
      expect(printed).toMatch(/looks like a \d/);
    });

    test('says which package it lacks where a proxy is set', async () => {
      const code = `
      process.env.HTTPS_PROXY = 'http://127.0.0.1:9';
      process.env.XDG_CACHE_HOME = process.cwd();
      const { fetchDataSet } = await import('selftarget/node');
      await fetchDataSet('mnist').catch(({ message }) => console.log(message));`;
      expect(await run(folder, process.execPath, ['--input-type=module', '-e', code])).toMatch(
        /npm install undici/,
      );
    });

    test('starts threads in Node, also from a bundle', async () => {
      const code =
        "import { createCompute } from 'selftarget';\n" +
        'const compute = await createCompute({ threads: 2, onWarning: console.log });\n' +
        'console.log(compute.threads);\ncompute.dispose();\n';
      write('threads.mjs', code);
      expect(await run(folder, process.execPath, ['threads.mjs'])).toBe('2\n');
      await esbuild(folder, [
        'threads.mjs',
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--outfile=bundle.mjs',
      ]);
      expect(await run(folder, process.execPath, ['bundle.mjs'])).toBe('2\n');
    });

    test.each([
      ['the target rule', 'SelfDefinedTarget', 5],
      [
        'the core: target, regimes, backpropagation and kernels',
        'BackpropNetwork, createCompute, SelfDefinedTarget, supervised, unsupervised, semiSupervised',
        100,
      ],
    ])('weighs little in a bundle: %s', async (_, names, kilobytes) => {
      write('core.js', `export { ${names} } from 'selftarget';`);
      const options = ['core.js', '--bundle', '--minify', '--format=esm', '--outfile=core.out.js'];
      await esbuild(folder, options);
      const compressed = gzipSync(readFileSync(join(folder, 'core.out.js')), { level: 9 }).length / 1000;
      console.log(`${names}: ${compressed.toFixed(1)} kB compressed`);
      expect(compressed).toBeLessThan(kilobytes);
    });

    test('passes publint and attw, and so does the command', async () => {
      for (const tarball of [tarballs.library, tarballs.command]) {
        await tool(root, 'publint/src/cli.js', ['run', tarball, '--strict']);
        await tool(root, '@arethetypeswrong/cli/dist/index.js', [tarball, '--profile', 'esm-only']);
      }
    });
  },
);
