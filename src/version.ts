/** The version in package.json, read once it is asked for. */
import { readFileSync } from 'node:fs';

/** Works from `src/` and from `dist/`: both lie one folder below package.json. */
const PACKAGE_FILE = new URL('../package.json', import.meta.url);

interface PackageFile {
  readonly version: string;
  readonly bugs?: string | { readonly url?: string };
}

export function packageVersion(): string {
  return packageFile().version;
}

/** Where faults are reported, if package.json says. */
export function issueTracker(): string | undefined {
  const { bugs } = packageFile();
  return typeof bugs === 'string' ? bugs : bugs?.url;
}

function packageFile(): PackageFile {
  return JSON.parse(readFileSync(PACKAGE_FILE, 'utf8')) as PackageFile;
}
