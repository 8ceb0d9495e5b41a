/**
 * The commands that documents show. Blocks of code marked `sh` hold commands that are run, from the repository's root and in
 * their order, by scripts/runDocuments.mjs; those marked `sh long` take too long, or need data that must be downloaded. All
 * of them are checked by test/documents: the command, its options and the presets they name exist.
 */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} DocumentedCommand
 * @property {string} file
 * @property {number} line from 1 on
 * @property {string} text without its comment, in one line
 * @property {'run' | 'long' | 'inline'} kind
 */

/** Every document for users, README first. */
export function documents() {
  const inside = (folder) => {
    const names = readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`);
    return names.filter((name) => name.endsWith('.md') && !name.startsWith('docs/results/runs/')).sort();
  };
  const first = [
    'README.md',
    ...readdirSync('.')
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .sort(),
  ];
  return [
    ...first,
    ...inside('docs'),
    ...inside('packages/cli').filter((name) => !name.includes('node_modules')),
  ];
}

/**
 * The commands of a document: those in blocks, and calls of `selftarget` within sentences.
 * @returns {DocumentedCommand[]}
 */
export function commandsOf(file, text = readFileSync(file, 'utf8')) {
  const commands = [];
  /** @type {{ kind: 'run' | 'long' | 'none' } | undefined} */
  let block;
  let begun = '';
  let begunAt = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```+\s*(.*)$/.exec(line);
    if (fence) {
      block = block ? undefined : { kind: kindOf(fence[1].trim(), file, index + 1) };
    } else if (block === undefined) {
      for (const [, inline] of line.matchAll(/`((?:npx )?selftarget [^`]+)`/g)) {
        commands.push({ file, line: index + 1, text: inline, kind: 'inline' });
      }
    } else if (block.kind !== 'none') {
      if (begun === '') begunAt = index + 1;
      const code = withoutComment(line).trim();
      begun = begun === '' ? code : `${begun} ${code}`;
      if (begun.endsWith('\\')) begun = begun.slice(0, -1).trim();
      else {
        if (begun !== '') commands.push({ file, line: begunAt, text: begun, kind: block.kind });
        begun = '';
      }
    }
  }
  return commands;
}

function kindOf(info, file, line) {
  const [language, ...marks] = info.split(/\s+/);
  if (!['sh', 'bash', 'shell', 'console'].includes(language)) return 'none';
  if (language !== 'sh' || marks.some((mark) => mark !== 'long')) {
    throw new Error(
      `${file}:${line}: mark a block of commands as sh, or as sh long where they take too long, not ${info}`,
    );
  }
  return marks.includes('long') ? 'long' : 'run';
}

/** A comment begins at a # after white space, outside quotes. */
function withoutComment(line) {
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    if (quote !== '') quote = line[i] === quote ? '' : quote;
    else if (line[i] === '"' || line[i] === "'") quote = line[i];
    else if (line[i] === '#' && (i === 0 || /\s/.test(line[i - 1]))) return line.slice(0, i);
  }
  return line;
}
