/**
 * Settings and seed in the page's address, after the `#`: a link shows somebody else the same network. Only what
 * differs from the initial settings is written, so that the plain address stays plain.
 */
import { accepted, initialSettings, type Settings } from './settings.js';

export interface Address {
  /** `digits`, the name of a data set beside the page, or `own`. */
  readonly data: string;
  readonly settings: Settings;
}

const names = Object.keys(initialSettings) as (keyof Settings)[];

/** What stands after the `#`; empty for the digits with the initial settings. */
export function writeAddress({ data, settings }: Address): string {
  const fields = new URLSearchParams();
  if (data !== 'digits') fields.set('data', data);
  for (const name of names) {
    const value = settings[name];
    if (value === initialSettings[name]) continue;
    fields.set(name, typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value));
  }
  return fields.toString();
}

/**
 * Reads it back.
 *
 * @param hash with or without its `#`
 * @returns what it asks for, and a sentence about each thing in it that cannot be used
 */
export function readAddress(hash: string): Address & { readonly refused: readonly string[] } {
  const refused: string[] = [];
  const settings: Record<string, unknown> = { ...initialSettings };
  let data = 'digits';
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (name === 'data') {
      data = text;
      continue;
    }
    const known = names.find((each) => each === name);
    if (!known) {
      refused.push(`The address has "${name}", which is not a setting of this page.`);
      continue;
    }
    const value = valueOf(known, text);
    if (accepted[known].test(value)) settings[known] = value;
    else {
      refused.push(
        `The address asks for ${known} = ${text || 'nothing'}, but it must be ${accepted[known].words}; ` +
          `${shown(initialSettings[known])} is used.`,
      );
    }
  }
  const read = settings as unknown as Settings;
  return { data, settings: { ...read, winners: Math.min(read.winners, read.neurons) }, refused };
}

function valueOf(name: keyof Settings, text: string): unknown {
  if (name === 'rule') return text;
  if (name === 'homeostasis') return text === 'on' ? true : text === 'off' ? false : undefined;
  return text.trim() === '' ? undefined : Number(text);
}

function shown(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}
