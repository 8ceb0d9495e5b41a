import { systemCode } from '../../node/systemErrors.js';

/** What a system error means. */
export function whatFailed(error: unknown): string {
  const reasons: Record<string, string> = {
    ENOENT: `there is no such file or folder (looked from ${process.cwd()})`,
    EACCES: 'you may not read it; change its permissions',
    EPERM: 'you may not read it; change its permissions',
    ELOOP: 'its links lead in a circle',
    EISDIR: 'it is a folder; name a file in it',
    ENOTDIR: 'a part of that path is a file, not a folder',
    ENAMETOOLONG: 'its name is too long',
    EMFILE: 'too many files are open; close some programs, or raise the limit (ulimit -n)',
    EIO: 'the disk reports an error',
  };
  return reasons[systemCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
