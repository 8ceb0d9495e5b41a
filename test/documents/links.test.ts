/** Links between documents, and the documents that comments cite, lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents } from '../../scripts/documentedCommands.mjs';

const LONGEST_LINE = 120;

test.each(documents())('links in %s lead to files and headings that exist', (file) => {
  expect(deadLinks(file, readFileSync(file, 'utf8'))).toEqual([]);
});

test.each(documents())('lines of prose in %s have at most 120 columns', (file) => {
  expect(longLines(readFileSync(file, 'utf8'))).toEqual([]);
});

test('every document can be reached from README', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    for (const { path } of linksOf(file, readFileSync(file, 'utf8'))) {
      if (path.endsWith('.md') && existsSync(path)) reached.add(path);
    }
  }
  const alone = ['packages/cli/README.md'];
  expect(documents().filter((file) => !reached.has(file) && !alone.includes(file))).toEqual([]);
});

describe('comments', () => {
  const sources = ['src', 'app', 'kernels', 'test', 'bench', 'scripts', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((name) => /\.(ts|tsx|mjs|js)$/.test(name) && !/[Bb]ytes\.ts$/.test(name)),
  );

  test('cite documents and headings that exist', () => {
    const faults = sources.flatMap((source) => deadCitations(source, readFileSync(source, 'utf8')));
    expect(faults).toEqual([]);
  });
});

describe('the checks themselves', () => {
  test('find a missing file, a missing heading and a long line', () => {
    const text =
      '[a](nowhere.md) [b](README.md#no-such-heading) [c](README.md#results) [d](https://example.org/x)';
    expect(deadLinks('some.md', text)).toEqual(['some.md: nowhere.md', 'some.md: README.md#no-such-heading']);
    expect(longLines(`${'word '.repeat(25)}\n| ${'cell '.repeat(30)}|`)).toEqual([1]);
  });

  test('find a citation of a document or a heading that does not exist', () => {
    const at = 'docs/explanation/';
    const source = `// ${at}method.md, "Networks"\n// ${at}method.md,\n * "Nothing"\n// ${at}other.md`;
    expect(deadCitations('some.ts', source)).toEqual([
      `some.ts: ${at}method.md has no heading "Nothing"`,
      `some.ts: there is no ${at}other.md`,
    ]);
  });
});

interface Link {
  readonly target: string;
  readonly path: string;
  readonly heading: string;
}

function linksOf(file: string, text: string): Link[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, heading = ''] = target.split('#');
      return { target, path: path === '' ? file : normalize(join(dirname(file), path)), heading };
    });
}

function deadLinks(file: string, text: string): string[] {
  return linksOf(file, text)
    .filter(({ path, heading }) => !existsSync(path) || (heading !== '' && !anchorsOf(path).has(heading)))
    .map(({ target }) => `${file}: ${target}`);
}

function headingsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.trim());
}

/** The names of headings in addresses, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const plain = headingsOf(file).map((heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, ''));
  return new Set(plain.map((heading) => heading.replaceAll(' ', '-')));
}

function longLines(text: string): number[] {
  let inCode = false;
  return text.split('\n').flatMap((line, index) => {
    if (line.trimStart().startsWith('```')) inCode = !inCode;
    const isProse = !inCode && !/^\s*(\||!\[|<|#)/.test(line) && line.trim().includes(' ');
    return isProse && line.length > LONGEST_LINE ? [index + 1] : [];
  });
}

function deadCitations(source: string, text: string): string[] {
  const oneLine = text.replaceAll(/\n\s*(\*|\/\/) ?/g, ' ');
  return [...oneLine.matchAll(/\bdocs\/[\w/-]+\.md(?:, "([^"]+)")?/g)].flatMap(([cited, heading]) => {
    const [path] = cited.split(',');
    if (!existsSync(path)) return [`${source}: there is no ${path}`];
    if (heading === undefined || headingsOf(path).includes(heading)) return [];
    return [`${source}: ${path} has no heading "${heading}"`];
  });
}
