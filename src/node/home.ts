/** The user's home folder, which not everybody has. */
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * The user's home folder; nothing where there is none, as in a container that runs under any user id. Relative ones
 * (an empty `HOME`) count as none.
 */
export function homeFolder(): string | undefined {
  let home: string;
  try {
    home = homedir();
  } catch {
    return undefined;
  }
  return path.isAbsolute(home) ? home : undefined;
}
