/** What package.json says of the package. */
import { host } from '#host';

export function packageVersion(): string {
  return host.about().version;
}

/** Where faults are reported, if package.json says. */
export function issueTracker(): string | undefined {
  return host.about().issues;
}
