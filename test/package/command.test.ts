/** The command as its users get it: packed, installed beside the library, and used. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { installed, packed, project, run, type Tarballs, typeCheck, withoutRegistry } from './packages.js';

describe.skipIf(withoutRegistry !== '')(
  `the command's package${withoutRegistry}`,
  { timeout: 180_000 },
  () => {
    let tarballs: Tarballs;
    let folder: string;
    let remove: () => void;

    beforeAll(async () => {
      tarballs = await packed();
      ({ folder, remove } = await project([tarballs.library, tarballs.command]));
    }, 180_000);

    afterAll(() => {
      remove?.();
      tarballs?.remove();
    });

    test('brings the library once', () => {
      const libraries = installed(folder).filter((path) => path.endsWith('node_modules/selftarget'));
      expect(libraries).toEqual(['node_modules/selftarget']);
      expect(readdirSync(join(folder, 'node_modules/selftarget-cli/dist'))).not.toContain('learner');
    });

    test('trains and reports through npx', async () => {
      await run(folder, 'npx', [
        'selftarget',
        'train',
        '--epochs',
        '2',
        '--threads',
        '1',
        '--quiet',
        '--out',
        'runs/first',
      ]);
      expect(existsSync(join(folder, 'runs/first/model.safetensors'))).toBe(true);
      expect(existsSync(join(folder, 'runs/first/report.html'))).toBe(true);
      expect(await run(folder, 'npx', ['selftarget', '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
    });

    test('serves the page', async () => {
      const main = join(folder, 'node_modules/selftarget-cli/dist/cli/main.js');
      const server = spawn(process.execPath, [main, 'serve', '--port', '0'], { cwd: folder });
      onTestFinished(() => void server.kill('SIGKILL'));
      const printed = await new Promise<string>((resolve, reject) => {
        server.stdout.once('data', (data) => resolve(String(data)));
        server.once('error', reject).once('exit', (code) => reject(new Error(`serve ended with ${code}`)));
      });
      const response = await fetch(/http:\S+/.exec(printed)?.[0] ?? '');
      expect(response.status).toBe(200);
      expect(await response.text()).toMatch(/<script type="module"/);
    });

    test.each(['bundler', 'nodenext'] as const)(
      'type-checks strictly with %s resolution',
      async (resolution) => {
        await run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--no-save', '@types/node@20']);
        writeFileSync(join(folder, 'runs.ts'), "export * as runs from 'selftarget-cli';");
        await typeCheck(folder, ['runs.ts'], resolution);
      },
    );

    test('errors of the library are its own classes in the command, too', async () => {
      const code =
        "import { loadDataSet } from 'selftarget/node';\n" +
        "import { DataError } from 'selftarget';\n" +
        "import { train } from 'selftarget-cli';\n" +
        "const error = await loadDataSet('./nowhere').catch((error) => error);\n" +
        'console.log(error instanceof DataError, typeof train);\n';
      writeFileSync(join(folder, 'errors.mjs'), code);
      expect(await run(folder, process.execPath, ['errors.mjs'])).toBe('true function\n');
    });
  },
);
