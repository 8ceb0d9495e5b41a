/** A real Chromium for the tests that need one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Why there is none, as part of a test's name; empty where there is one. */
export const withoutChromium = existsSync(CHROMIUM) ? '' : ` (needs ${CHROMIUM}: apt-get install chromium)`;

export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    ...more,
  ];
  return chromium.launch({ executablePath: CHROMIUM, args });
}
