/** Architectures as text. */
import type { Architecture } from '../arch/architecture.ts';
import { parseArchitecture as parse } from '../arch/load.ts';
import { parseYaml } from '../spec/document.ts';

/**
 * The architecture that a YAML text describes.
 *
 * @param file name that the places in messages carry
 * @throws InputError with every mistake, each with its place
 */
export function parseArchitecture(text: string, file = 'architecture'): Architecture {
  return parse(parseYaml(text, file));
}
