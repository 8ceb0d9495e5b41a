/** The events of a run as a page, from their types and the comments on them. */
import { readFile } from 'node:fs/promises';
import ts from 'typescript';
import { code, generated, paragraph, table } from './markdown.mjs';

/** Types that events share. */
const shared = ['Accuracy', 'Environment', 'ClassResult'];

/** @param {string} path of the types, with a union `RunEvent` of all events */
export async function eventsPage(path) {
  const interfaces = new Map([
    ...(await interfacesOf('src/readout/classResults.ts')),
    ...(await interfacesOf(path)),
  ]);
  const text = await readFile(path, 'utf8');
  const union = /export type RunEvent =([^;]*);/.exec(text)?.[1] ?? '';
  const events = [...union.matchAll(/\w+/g)].map(([name]) => name);
  return [
    generated,
    '# Events',
    '',
    paragraph(
      'With `--json`, `train` prints one JSON object a line on standard output, and nothing else there. `event` says what ' +
        "happened. The run's `log.jsonl` has the same events, each with its `time`, except for those that are marked " +
        'here as not in the log. Messages for people go to standard error.',
    ),
    '',
    paragraph(
      'When a command with `--json` fails, its last line is `{"event":"error","message":...,"status":...}`. It is not in ' +
        'the log.',
    ),
    '',
    ...events.flatMap((name) => section(interfaces.get(name), interfaces)),
    '## Shared types',
    '',
    ...shared.flatMap((name) => {
      const { comment, members } = interfaces.get(name);
      return [`### ${name}`, '', ...(comment ? [comment, ''] : []), fields(members), ''];
    }),
    '## Exit statuses',
    '',
    table([
      ['status', 'meaning'],
      ['0', 'done'],
      ['1', 'failed'],
      ['2', 'wrong usage: nothing has been done'],
      ['130', 'interrupted, after a checkpoint'],
    ]),
    '',
  ].join('\n');
}

function section({ comment, members }) {
  const event = members.find(({ name }) => name === 'event');
  const names = event.type.replaceAll("'", '').split(' | ').map(code);
  const rest = members.filter(({ name }) => name !== 'event');
  return [`## ${names.join(', ')}`, '', ...(comment ? [comment, ''] : []), fields(rest), ''];
}

function fields(members) {
  return table([
    ['field', 'type', 'meaning'],
    ...members.map(({ name, type, comment, optional }) => [
      optional ? `${code(name)} (optional)` : code(name),
      typeLink(type),
      comment,
    ]),
  ]);
}

/** A type with links to those that are on this page. */
function typeLink(type) {
  const name = shared.find((each) => new RegExp(`\\b${each}\\b`).test(type));
  return name ? `[${code(type)}](#${name.toLowerCase()})` : code(type);
}

async function interfacesOf(path) {
  const source = ts.createSourceFile(path, await readFile(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.statements.filter(ts.isInterfaceDeclaration);
  return found.map((each) => [
    each.name.text,
    {
      comment: commentOf(each),
      members: each.members.filter(ts.isPropertySignature).map((member) => ({
        name: member.name.getText().replaceAll("'", ''),
        type: plainType(member.type.getText()),
        comment: commentOf(member),
        optional: member.questionToken !== undefined,
      })),
    },
  ]);
}

/** What JSON shows of a type: no `readonly`, and what is undefined is absent. */
function plainType(text) {
  return text
    .replaceAll(/\breadonly /g, '')
    .replaceAll(' | undefined', '')
    .replaceAll(/Readonly<Record<string, (\w+)>>/g, '{ [key: string]: $1 }')
    .replaceAll(/\s+/g, ' ');
}

function commentOf(node) {
  const [doc] = node.jsDoc ?? [];
  const text =
    typeof doc?.comment === 'string' ? doc.comment : (ts.getTextOfJSDocComment(doc?.comment) ?? '');
  return text
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
