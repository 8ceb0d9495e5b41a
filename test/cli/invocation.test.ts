import { describe, expect, test } from 'vitest';
import { commandName, shellWord } from '../../src/cli/invocation.js';

describe('the command in suggestions', () => {
  test.each<[string, string, NodeJS.ProcessEnv, string]>([
    ['from a clone', '/home/me/st/dist/cli/main.js', {}, 'node dist/cli/main.js'],
    [
      'from a clone with a space in its path',
      '/home/me/my st/dist/cli/main.js',
      {},
      "node '../my st/dist/cli/main.js'",
    ],
    ['installed', '/usr/local/bin/selftarget', { PATH: '/bin:/usr/local/bin' }, 'selftarget'],
    [
      'by npx',
      '/home/me/st/node_modules/.bin/selftarget',
      { npm_command: 'exec', PATH: '' },
      'npx selftarget',
    ],
    [
      'by its path',
      '/home/me/st/node_modules/.bin/selftarget',
      { PATH: '/bin' },
      'node_modules/.bin/selftarget',
    ],
  ])('works where it was called %s', (_, script, env, words) => {
    expect(commandName(script, env, '/home/me/st')).toBe(words);
  });

  test('quotes what a shell would take apart', () => {
    expect(shellWord('runs/digits-seed1')).toBe('runs/digits-seed1');
    expect(shellWord('my runs/a')).toBe("'my runs/a'");
    expect(shellWord("it's")).toBe("'it'\\''s'");
    expect(shellWord('layers=[64,500]')).toBe("'layers=[64,500]'");
    expect(shellWord('')).toBe("''");
  });
});
