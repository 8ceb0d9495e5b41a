/** What can go wrong with a run. */
import { SelftargetError } from '../errors.js';

/** The run cannot continue: disk, folder, checkpoint, or numbers. */
export class RunError extends SelftargetError {
  override name = 'RunError';
}

/** What was asked for makes no sense: an unknown name or an impossible value. Nothing has been done. */
export class ConfigError extends RunError {
  override name = 'ConfigError';
}
