// Chromium as the tests, benchmarks and pictures of this repository start it: Debian's, and quiet on the network.
import { chromium } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/**
 * @param {readonly string[]} [more] arguments of its command line beside the usual ones
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launchChromium(more = []) {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    ...more,
  ];
  return chromium.launch({ executablePath: CHROMIUM, args });
}
