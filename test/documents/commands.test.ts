/** Every command in every document is one that exists; scripts/runDocuments.mjs runs those that do not take too long. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type DocumentedCommand, commandsOf, documents } from '../../scripts/documentedCommands.mjs';
import { buildProgram } from '../../src/cli/program.js';
import { listPresets } from '../../src/run/presets.js';

const selftarget = buildProgram();
const presets = new Set(listPresets().map(({ name }) => name));
const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> })
  .scripts;

test.each(documents())('commands in %s exist', (file) => {
  expect(commandsOf(file).flatMap(faults)).toEqual([]);
});

describe('documented commands', () => {
  const document = [
    'Say `selftarget presets`, not `presets`, and import `selftarget/node`.',
    '```sh',
    'npm ci && npm start  # with a comment',
    "selftarget train digits --set 'layers=[64, # 5]' \\",
    '  --epochs 2',
    '```',
    '```sh long',
    'selftarget train',
    '```',
    '```ts',
    'selftarget();',
    '```',
  ].join('\n');

  test('are found with their lines, without comments, continued lines as one', () => {
    expect(commandsOf('some.md', document).map(({ line, kind, text }) => [line, kind, text])).toEqual([
      [1, 'inline', 'selftarget presets'],
      [3, 'run', 'npm ci && npm start'],
      [4, 'run', "selftarget train digits --set 'layers=[64, # 5]' --epochs 2"],
      [8, 'long', 'selftarget train'],
    ]);
  });

  test('in a block with another mark are refused with file and line', () => {
    expect(() => commandsOf('some.md', 'Text\n```bash\nls\n```\n')).toThrow(
      'some.md:2: mark a block of commands as sh',
    );
  });

  test.each([
    ['selftarget trian', 'some.md:7: there is no command "trian"'],
    ['npx selftarget train --epoch 2', 'some.md:7: "train" has no option --epoch'],
    ['selftarget train unsupervised-bp-9layer', 'some.md:7: there is no preset "unsupervised-bp-9layer"'],
    ['npm run bake', 'some.md:7: package.json has no script "bake"'],
    ['node scripts/nowhere.mjs', 'some.md:7: there is no file scripts/nowhere.mjs'],
    ['selftarget train ./images --epochs 2 && npm test -- test/data', undefined],
  ])('are checked: %s', (text, fault) => {
    expect(faults({ file: 'some.md', line: 7, text, kind: 'long' })).toEqual(
      fault === undefined ? [] : [fault],
    );
  });
});

/** What is wrong with a command, by its words. */
function faults({ file, line, text }: DocumentedCommand): string[] {
  return text.split(/&&|\||;/).flatMap((call) => {
    const words = call.trim().split(/\s+/);
    if (words[0] === 'npx') words.shift();
    const fault = faultOf(words);
    return fault === undefined ? [] : [`${file}:${line}: ${fault}`];
  });
}

function faultOf([program, ...words]: readonly string[]): string | undefined {
  if (program === 'selftarget') return faultOfCall(words);
  if (program === 'npm' && words[0] === 'run' && !words[1].startsWith('-')) {
    return words[1] in scripts ? undefined : `package.json has no script "${words[1]}"`;
  }
  const path = program === 'node' && words.find((word) => /\.m?js$/.test(word));
  return path && !existsSync(path) ? `there is no file ${path}` : undefined;
}

function faultOfCall([name = 'help', ...words]: readonly string[]): string | undefined {
  if (name.startsWith('-') || name === 'help') return undefined;
  const command = selftarget.commands.find((each) => each.name() === name);
  if (!command) return `there is no command "${name}"`;
  const known = [command, ...command.commands].flatMap(({ options }) =>
    options.flatMap(({ long, short }) => [long, short]),
  );
  const given = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0]);
  const flag = given.find((word) => word !== '--help' && !known.includes(word));
  if (flag !== undefined) return `"${name}" has no option ${flag}`;
  // What comes first after "train" is a preset, a path, or a placeholder in capitals.
  const [first = ''] = words;
  const isPreset = name === 'train' && /^[a-z0-9][a-z0-9-]*$/.test(first);
  return isPreset && !presets.has(first) ? `there is no preset "${first}"` : undefined;
}
