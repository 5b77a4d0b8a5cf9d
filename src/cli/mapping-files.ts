/** Where `dse search --output` puts mappings: a YAML file for a single layer, a folder of them for several. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LayerOutcome, SearchOutcome } from '../api/search.ts';
import { mappingToYaml } from '../mapping/write.ts';
import { InputError } from '../spec/errors.ts';

export class MappingFiles {
  readonly #path: string;

  /**
   * Checked before the search, so that no result is lost at its end.
   *
   * @throws InputError if the path's folder does not exist
   */
  constructor(path: string) {
    this.#path = path;
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
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new InputError({ message: `--output: cannot write '${this.#path}': ${message}` });
    }
  }

  #writeLayer({ layers, typed }: SearchOutcome, layer: LayerOutcome): void {
    const { einsum, best } = layer.typed;
    const yaml = mappingToYaml(best.mapping, typed.architecture, einsum);
    const intoFolder = layers.length > 1 || isFolder(this.#path);
    if (intoFolder) mkdirSync(this.#path, { recursive: true });
    writeFileSync(intoFolder ? join(this.#path, `${layer.name}.yaml`) : this.#path, yaml);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
