// Compiles src/ to dist/ and copies the files that are not TypeScript. The page, dist/app, is built by itself.
import { spawnSync } from 'node:child_process';
import { chmod, readdir, rm } from 'node:fs/promises';

for (const name of await readdir('dist').catch(() => [])) {
  if (name !== 'app') await rm(`dist/${name}`, { recursive: true });
}
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await chmod('dist/cli/main.js', 0o755);
