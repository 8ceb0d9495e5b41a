// Compiles src/ to dist/ and copies the files that are not TypeScript.
import { spawnSync } from 'node:child_process';
import { chmod, rm } from 'node:fs/promises';

await rm('dist', { recursive: true, force: true });
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
await chmod('dist/cli/main.js', 0o755);
