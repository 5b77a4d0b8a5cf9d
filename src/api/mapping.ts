/** Mappings as text. */
import type { Architecture } from '../arch/architecture.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { readMapping } from '../mapping/read.ts';
import { parseYaml } from '../spec/document.ts';
import type { Einsum } from '../workload/einsum.ts';

/**
 * The legal mapping that a YAML or JSON text describes (`mappingToYaml` prints one).
 *
 * @param file name that the places in messages carry
 * @throws InputError with every unknown name, malformed loop and broken rule, each with its place
 */
export function parseMapping(text: string, arch: Architecture, einsum: Einsum, file = 'mapping'): Mapping {
  return readMapping(parseYaml(text, file), arch, einsum);
}
