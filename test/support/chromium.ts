/** The browser of the tests: Debian's Chromium, driven by playwright-core. */
import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = PATHS.find((path) => existsSync(path));

/** False if none is installed: then nothing can be tested in a browser, and the first import says so. */
export const hasChromium = executablePath !== undefined;
if (!hasChromium) console.warn('SKIPPED: chromium is not installed, nothing is tested in a browser');

/** Starts it without a window; the caller closes it. */
export function launchChromium(): Promise<Browser> {
  // Root, as in containers, has no sandbox; a container's /dev/shm is small.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  return chromium.launch({ executablePath, args });
}
