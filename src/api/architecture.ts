/** Architectures as text. */
import type { Architecture } from '../arch/architecture.ts';
import { parseArchitecture as parse } from '../arch/load.ts';
import { parseYaml } from '../spec/document.ts';
import { convertedArchitecture } from './timeloop.ts';

/** Timeloop's section; ours has no key of that name. */
const TIMELOOP = /^(?:architecture|arch)\s*:/m;

/**
 * The architecture that a YAML text describes, in our form or in Timeloop's. Of a Timeloop text its other sections say
 * more: with a `problem:`, its bypass constraints become what memories keep.
 *
 * @param file name that the places in messages carry
 * @throws InputError with every mistake, each with its place
 */
export function parseArchitecture(text: string, file = 'architecture'): Architecture {
  return TIMELOOP.test(text) ? convertedArchitecture({ file, text }) : parse(parseYaml(text, file));
}
