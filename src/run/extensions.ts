/** Learners, target rules and regimes from outside the package, as `--use` loads them. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { type Extension, registry } from './registry.js';

/** What an extension that is a function is given. */
export interface ExtensionTools {
  /** The schema library that sections are written in, https://zod.dev. */
  readonly z: typeof z;
}

/**
 * Loads the modules at these paths and adds what they export by default: an {@link Extension}, or a function that makes
 * one.
 *
 * @throws ConfigError when there is no such file, it cannot be loaded, or it exports something else
 */
export async function useModules(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const extension = await load(path);
    try {
      registry.add(extension);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(`--use ${path}: ${error.message}`, { cause: error });
    }
  }
}

async function load(path: string): Promise<Extension> {
  const file = resolve(path);
  if (!(await stat(file).catch(() => undefined))?.isFile()) {
    throw new ConfigError(`--use ${path}: there is no such file`);
  }
  let extension: unknown;
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href);
    extension = typeof module.default === 'function' ? await module.default({ z }) : module.default;
  } catch (error) {
    throw new ConfigError(`--use ${path}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  if (!isExtension(extension)) {
    throw new ConfigError(
      `--use ${path}: its default export must be an object with lists of learners, rules or regimes, or a function that returns one`,
    );
  }
  return extension;
}

function isExtension(value: unknown): value is Extension {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return (
    keys.length > 0 &&
    keys.every((key) => ['learners', 'rules', 'regimes'].includes(key)) &&
    Object.values(value).every(Array.isArray)
  );
}
