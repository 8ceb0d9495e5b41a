/** How many processors a process may use: what the machine has, or what a container is granted. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export function grantedCores(): number {
  const cores = availableParallelism();
  const quota = cpuQuota((path) => {
    try {
      return readFileSync(`/sys/fs/cgroup/${path}`, 'utf8');
    } catch {
      return '';
    }
  });
  return quota === undefined ? cores : Math.min(cores, Math.max(1, Math.round(quota)));
}

/** Processors that Linux's control groups grant (version 2, else 1), if they limit them; `read` gives a file or ''. */
export function cpuQuota(read: (path: string) => string): number | undefined {
  const [quota, period] = (
    read('cpu.max') || `${read('cpu/cpu.cfs_quota_us')} ${read('cpu/cpu.cfs_period_us')}`
  )
    .trim()
    .split(/\s+/)
    .map(Number);
  return quota > 0 && period > 0 ? quota / period : undefined;
}
