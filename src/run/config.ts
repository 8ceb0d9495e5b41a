/** From settings to a checked configuration. */
import { z } from 'zod';
import { contradictions } from './configChecks.js';
import { ConfigError } from './errors.js';
import { registry } from './registry.js';
import { commonSettings, type RunConfig } from './runConfig.js';
import { suggestion } from './suggestion.js';

export type { RunConfig } from './runConfig.js';

/** The schema of a configuration, with the sections and names of all registered entries. */
export function configSchema() {
  const { learners, rules, regimes } = registry;
  return z.strictObject({
    ...commonSettings,
    regime: z.enum(regimes.names).meta({ description: commonSettings.regime.description }),
    learner: z
      .enum(learners.names)
      .default('backprop')
      .meta({ description: commonSettings.learner.description }),
    rule: z.enum(rules.names).optional().meta({ description: commonSettings.rule.description }),
    ...registry.sections(),
  });
}

/**
 * Checks settings and fills in what they leave open.
 *
 * @param origin where the settings come from, for the message
 * @throws ConfigError naming every setting that is unknown, impossible or at odds with another
 */
export function checkConfig(settings: unknown, origin = 'the configuration'): RunConfig {
  const schema = configSchema();
  const { success, data, error } = schema.safeParse(settings, { reportInput: true });
  const problems = success ? contradictions(data as RunConfig) : error.issues.map(describe);
  if (problems.length > 0) throw new ConfigError([`${origin} cannot be used:`, ...problems].join('\n  '));
  const config = data as RunConfig;
  // Parsed once more, so that the same settings are in the same order wherever they came from.
  return schema.parse({ ...config, ...registry.completed(config) }) as RunConfig;
}

type Issue = z.core.$ZodIssue;

function describe(issue: Issue): string {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .map((key) => `unknown setting "${at ? `${at}.` : ''}${key}"${suggestion(key, knownKeys(issue.path))}`)
      .join('\n  ');
  }
  if (issue.code === 'invalid_value') {
    const given = typeof issue.input === 'string' ? issue.input : JSON.stringify(issue.input);
    if (given === undefined) return `${at}: is missing; one of ${issue.values.join(', ')}`;
    const extended = ['learner', 'rule', 'regime'].includes(at)
      ? '; one of your own is loaded with --use MODULE'
      : '';
    return `${at}: "${given}" is not known${suggestion(given, issue.values.map(String))}${extended}`;
  }
  if (issue.input === undefined) return `${at}: is missing`;
  if (issue.code === 'invalid_type' && issue.expected === 'array') {
    return `${at}: must be a list such as [1, 2], not ${JSON.stringify(issue.input)}; in a shell: --set '${at}=[1,2]'`;
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object') {
    return `${at}: is a group of settings, as in ${at}.key=value, and cannot be ${JSON.stringify(issue.input)}`;
  }
  return `${at}: ${issue.message}, not ${JSON.stringify(issue.input)}`;
}

/** The settings there are in the object at `path`. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType = configSchema();
  for (const key of path) {
    const inner = unwrap(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[key as string];
    else if (inner instanceof z.ZodArray) schema = inner.element as z.core.$ZodType;
  }
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  return inner instanceof z.ZodDiscriminatedUnion
    ? ['shape', 'from', 'to', 'until', 'factor', 'milestones']
    : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.def.innerType;
  }
  return inner;
}
