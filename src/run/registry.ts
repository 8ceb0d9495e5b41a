/**
 * The learners, target rules and regimes that the command knows, by name. It begins with those that come with selftarget;
 * modules given with `--use` add to it at the start, and nothing changes it afterwards.
 */
import type { z } from 'zod';
import * as builtIn from './entries/index.js';
import type { LearnerEntry, RegimeEntry, RuleEntry } from './entry.js';
import { ConfigError } from './errors.js';
import { commonSettings, type RunConfig } from './runConfig.js';
import { suggestion } from './suggestion.js';

/** What a module for `--use` exports, by default or by name. */
export interface Extension {
  readonly learners?: readonly LearnerEntry[];
  readonly rules?: readonly RuleEntry[];
  readonly regimes?: readonly RegimeEntry[];
}

class Shelf<E extends { readonly name: string }> {
  readonly #what: string;
  readonly #entries = new Map<string, E>();

  constructor(what: string, entries: readonly E[]) {
    this.#what = what;
    for (const entry of entries) this.#entries.set(entry.name, entry);
  }

  get names(): [string, ...string[]] {
    return [...this.#entries.keys()] as [string, ...string[]];
  }

  get all(): readonly E[] {
    return [...this.#entries.values()];
  }

  /** Throws a {@link ConfigError} with the nearest name when there is none called `name`. */
  get(name: string): E {
    const entry = this.#entries.get(name);
    if (entry) return entry;
    const help = suggestion(name, this.names);
    throw new ConfigError(
      `the ${this.#what} "${name}" is not known${help}; one of your own must be loaded with --use MODULE`,
    );
  }

  /** Throws a {@link ConfigError} when one of them has no name, or one that is taken. */
  check(entries: readonly E[]): void {
    const names = new Set(this.#entries.keys());
    for (const entry of entries) {
      const name: unknown = entry?.name;
      if (typeof name !== 'string' || name === '') throw new ConfigError(`a ${this.#what} needs a name`);
      if (names.has(name)) {
        throw new ConfigError(`there is a ${this.#what} "${name}" already; give yours another name`);
      }
      names.add(name);
    }
  }

  add(entries: readonly E[]): void {
    for (const entry of entries) this.#entries.set(entry.name, entry);
  }
}

class Registry {
  readonly learners = new Shelf<LearnerEntry>('learner', [builtIn.backprop, builtIn.equilibriumEntry]);
  readonly rules = new Shelf<RuleEntry>('target rule', [builtIn.selfDefined]);
  readonly regimes = new Shelf<RegimeEntry>('regime', [
    builtIn.unsupervisedEntry,
    builtIn.semiSupervisedEntry,
    builtIn.supervisedEntry,
  ]);

  /** Adds entries; throws a {@link ConfigError} when a name or a section is taken, and adds nothing then. */
  add({ learners = [], rules = [], regimes = [] }: Extension): void {
    const taken = new Set([...Object.keys(commonSettings), ...Object.keys(this.sections())]);
    this.learners.check(learners);
    this.rules.check(rules);
    this.regimes.check(regimes);
    for (const { name, sections = {} } of [...learners, ...rules, ...regimes]) {
      for (const key of Object.keys(sections)) {
        if (taken.has(key)) {
          throw new ConfigError(
            `"${name}" has the settings "${key}", which there are already; give yours another name`,
          );
        }
        taken.add(key);
      }
    }
    this.learners.add(learners);
    this.rules.add(rules);
    this.regimes.add(regimes);
  }

  /** The schemas of all sections, optional in a configuration. */
  sections(): Record<string, z.ZodOptional> {
    const sections: Record<string, z.ZodOptional> = {};
    for (const [, entry] of this.#entries()) {
      for (const [key, schema] of Object.entries(entry.sections ?? {})) sections[key] = schema.optional();
    }
    return sections;
  }

  /** The entries that a configuration uses. */
  entriesOf(config: RunConfig) {
    const regime = this.regimes.get(config.regime);
    return {
      learner: this.learners.get(config.learner),
      regime,
      rule: regime.takesRule ? this.rules.get(config.rule ?? 'self-defined') : undefined,
    };
  }

  /** What the entries of a configuration fill in. */
  completed(config: RunConfig): Readonly<Record<string, unknown>> {
    const { learner, regime, rule } = this.entriesOf(config);
    return Object.assign({}, ...[learner, rule, regime].map((entry) => entry?.complete?.(config)));
  }

  /** Sections of entries that a configuration does not use. */
  *strangers(config: RunConfig): Generator<string> {
    const used = new Set<unknown>(Object.values(this.entriesOf(config)));
    for (const [what, entry] of this.#entries()) {
      if (used.has(entry)) continue;
      for (const key of Object.keys(entry.sections ?? {})) {
        if (config[key as keyof RunConfig] === undefined) continue;
        yield `${key}: belongs to the ${what} "${entry.name}", which this run does not use; leave it out (--set ${key}=null)`;
      }
    }
  }

  *#entries(): Generator<[string, LearnerEntry | RuleEntry | RegimeEntry]> {
    for (const entry of this.learners.all) yield ['learner', entry];
    for (const entry of this.rules.all) yield ['target rule', entry];
    for (const entry of this.regimes.all) yield ['regime', entry];
  }
}

export const registry = new Registry();

/** The regime called `name`. */
export function regimeCalled(name: string): RegimeEntry {
  return registry.regimes.get(name);
}
