/** Where `dse search --output` puts mappings: a YAML file for a single layer, a folder of them for several. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LayerOutcome, SearchOutcome } from '../api/search.ts';
import type { Architecture } from '../arch/architecture.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { reasonOf } from '../host/node.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum } from '../workload/einsum.ts';

/** The text of a mapping file, in one of the dialects. */
export type MappingWriter = (arch: Architecture, einsum: Einsum, mapping: Mapping) => string;

export class MappingFiles {
  readonly #path: string;
  readonly #toYaml: MappingWriter;

  /**
   * Checked before the search, so that no result is lost at its end.
   *
   * @throws InputError if the path's folder does not exist
   */
  constructor(path: string, toYaml: MappingWriter) {
    this.#path = path;
    this.#toYaml = toYaml;
    if (isFolder(dirname(path))) return;
    throw new InputError({
      message: `--output: '${dirname(path)}' is not a folder`,
      expected: 'an existing folder',
    });
  }

  /** @throws InputError if a file cannot be written */
  write(outcome: SearchOutcome): void {
    try {
      for (const layer of outcome.layers) this.#writeLayer(outcome, layer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new InputError({ message: `--output: cannot write '${this.#path}': ${reasonOf(error)}` });
    }
  }

  #writeLayer({ layers, typed }: SearchOutcome, layer: LayerOutcome): void {
    const { einsum, best } = layer.typed;
    const yaml = this.#toYaml(typed.architecture, einsum, best.mapping);
    const intoFolder = layers.length > 1 || isFolder(this.#path);
    if (intoFolder) mkdirSync(this.#path, { recursive: true });
    writeFileSync(intoFolder ? join(this.#path, `${layer.name}.yaml`) : this.#path, yaml);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
