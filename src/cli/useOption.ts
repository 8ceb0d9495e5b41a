/** `--use`, which loads learners, rules and regimes from outside the package before a command runs. */
import type { Command } from 'commander';
import { repeated } from './repeated.js';

/** Adds the option to a command that reads configurations. */
export function addUse(command: Command): Command {
  return command
    .option('--use <module>', 'load learners, rules or regimes of your own; may be repeated', repeated)
    .hook('preAction', async (_, action) => {
      const { use = [] } = action.opts<{ use?: string[] }>();
      if (use.length > 0) await (await import('../run/extensions.js')).useModules(use);
    });
}
