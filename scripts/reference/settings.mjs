/** The settings of a run as a page and as a JSON Schema, from the schema that checks them. */
import { z } from 'zod';
import { configSchema } from '../../dist/run/config.js';
import { registry } from '../../dist/run/registry.js';
import { code, generated, paragraph, table } from './markdown.mjs';

export function settingsSchema() {
  const schema = z.toJSONSchema(configSchema(), {
    io: 'input',
    override: ({ jsonSchema }) => {
      // Zod bounds whole numbers by what a double can hold.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { title: 'A run of selftarget', ...schema };
}

export function settingsPage() {
  const { properties, required } = settingsSchema();
  const groups = Object.entries(properties).filter(([, { type }]) => type === 'object');
  const plain = Object.entries(properties).filter(([, { type }]) => type !== 'object');
  const { shape: schedule } = schedules(properties.schedule);
  return [
    generated,
    '# Settings',
    '',
    paragraph(
      "A run's configuration is a JSON object of these settings. They come from a preset, from `--config FILE`, and from " +
        '`--set KEY=VALUE`; see [the command line](../guide/command-line.md#training). Unknown settings are rejected. ' +
        '[settings.schema.json](settings.schema.json) is the same as a JSON Schema, for editors and programs.',
    ),
    '',
    table([
      ['setting', 'values', 'default', 'meaning'],
      ...plain.map(([key, value]) => row(key, value, required)),
    ]),
    '',
    ...groups.flatMap(([group, value]) => [
      `## ${group}`,
      '',
      paragraph([withLinks(value.description), owner(group)].filter(Boolean).join(' ')),
      '',
      table([
        ['setting', 'values', 'default', 'meaning'],
        ...Object.entries(value.properties).map(([key, inner]) =>
          row(`${group}.${key}`, inner, value.required, key),
        ),
      ]),
      '',
    ]),
    '## Schedules',
    '',
    paragraph(
      'A schedule is a factor on learning rates that changes from epoch to epoch. It has a `shape` and the settings of ' +
        'that shape, for example `{ "shape": "linear", "from": 1, "to": 0.0005 }`.',
    ),
    '',
    table([
      ['shape', 'meaning', 'settings'],
      ...schedule.map(({ shape, meaning, parts }) => [code(shape), meaning, parts]),
    ]),
    '',
  ].join('\n');
}

/** A document that a description names becomes a link. */
function withLinks(description) {
  return description.replaceAll(/docs\/(explanation\/([\w-]+)\.md)/g, '[$2](../$1)');
}

/** Which entry a group belongs to, where it is not every run's. */
function owner(group) {
  const entries = [
    ...registry.learners.all.map((entry) => ['learner', entry]),
    ...registry.rules.all.map((entry) => ['rule', entry]),
    ...registry.regimes.all.map((entry) => ['regime', entry]),
  ];
  const [found] = entries.filter(([, { sections = {} }]) => group in sections);
  return found && `Only with \`${found[0]}\` ${code(found[1].name)}.`;
}

function row(name, value, required = [], key = name) {
  const fallback =
    value.default === undefined || JSON.stringify(value.default) === '{}'
      ? required.includes(key)
        ? 'required'
        : ''
      : code(JSON.stringify(value.default));
  if (!value.description) throw new Error(`the setting ${name} has no description`);
  return [code(name), valuesOf(value), fallback, value.description];
}

/** The values that a schema allows, in words. */
function valuesOf(schema) {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(value)).join(', ');
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    if (options.every(({ properties }) => properties?.shape)) return '[schedule](#schedules)';
    return options.map(valuesOf).join(' or ');
  }
  if (schema.prefixItems) return `list of ${schema.prefixItems.length}: ${valuesOf(schema.prefixItems[0])}`;
  if (Array.isArray(schema.type)) return schema.type.map((type) => valuesOf({ type })).join(' or ');
  if (schema.type === 'array') return `list: ${valuesOf(schema.items)}`;
  if (schema.type === 'integer') return ['whole number', range(schema)].join(' ').trim();
  if (schema.type === 'number') return ['number', range(schema)].join(' ').trim();
  if (schema.type === 'string') return 'text';
  if (schema.type === 'boolean') return '`true`, `false`';
  throw new Error(`no words for ${JSON.stringify(schema)}`);
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const least =
    exclusiveMinimum !== undefined
      ? `> ${exclusiveMinimum}`
      : minimum === undefined || minimum < -1e15
        ? ''
        : `≥ ${minimum}`;
  const most =
    exclusiveMaximum !== undefined ? `< ${exclusiveMaximum}` : maximum === undefined ? '' : `≤ ${maximum}`;
  return [least, most].filter(Boolean).join(', ');
}

function schedules(schema) {
  const shape = (schema.oneOf ?? schema.anyOf).map(({ properties: { shape: name, ...parts } }) => ({
    shape: name.const,
    meaning: name.description,
    parts: Object.entries(parts)
      .map(([key, value]) => `${code(key)} (${valuesOf(value)}): ${value.description}`)
      .join(' '),
  }));
  return { shape };
}
