/** How the command was called, so that the commands that it suggests work as they are. */
import { basename, delimiter, dirname, relative, resolve } from 'node:path';

/** The words that start this command from the folder where one stands. */
export function commandName(
  script: string | undefined = process.argv[1],
  env: NodeJS.ProcessEnv = process.env,
  cwd = process.cwd(),
): string {
  if (script === undefined) return 'selftarget';
  if (basename(script) === 'selftarget') {
    if (env.npm_command === 'exec') return 'npx selftarget';
    const onPath = (env.PATH ?? '').split(delimiter).includes(dirname(script));
    if (onPath) return 'selftarget';
  }
  const [near, far] = [relative(cwd, script), resolve(script)];
  const path = near.length <= far.length ? near : far;
  return basename(script) === 'selftarget' ? shellWord(path) : `node ${shellWord(path)}`;
}

/** `word` as a shell takes it for one. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command of ours as a line to paste. */
export function commandLine(...words: readonly string[]): string {
  return [commandName(), ...words.map(shellWord)].join(' ');
}
