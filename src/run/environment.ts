/** What a run is carried out with, for its records. */
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import type { Compute } from '../wasm/compute/compute.js';
import type { Environment } from './events.js';

/** This package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

export function describeEnvironment({ threads, kernel }: Compute): Environment {
  return {
    selftarget: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch} ${release()}`,
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'} x ${cpus().length}`,
    threads,
    kernel,
  };
}

const MB = 2 ** 20;

/** The process's memory now. */
export function memoryMB(): number {
  return Math.round(process.memoryUsage.rss() / MB);
}

/** The most it has been. */
export function peakMemoryMB(): number {
  return Math.round((process.resourceUsage().maxRSS * 1024) / MB);
}
