#!/usr/bin/env node
// The command in a clone of the repository. The published package starts its own build instead (scripts/packCommand.mjs).
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../../../dist/cli/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  console.error(`error: selftarget is not built; run "npm run build" in ${root}`);
  process.exitCode = 1;
}
