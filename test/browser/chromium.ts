/** A real Chromium for the tests that need one. */
import { existsSync } from 'node:fs';
import { CHROMIUM, launchChromium } from '../../scripts/chromium.mjs';

/** Why there is none, as part of a test's name; empty where there is one. */
export const withoutChromium = existsSync(CHROMIUM) ? '' : ` (needs ${CHROMIUM}: apt-get install chromium)`;

export { launchChromium };
