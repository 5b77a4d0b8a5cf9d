/** `dse search` on Timeloop's files. Loaded when there are some: the readers are a fifth of the start-up. */
import type { SearchRequest } from '../api/search.ts';
import { loadTimeloopSearch } from '../api/timeloop.ts';
import { printWarnings } from './timeloop.ts';

export { timeloopMappingToYaml } from '../timeloop/write.ts';

interface ReadOptions {
  readonly lenient?: boolean;
  /** Variables of a Jinja template. */
  readonly set?: Readonly<Record<string, string>>;
}

/** The machine, layer and rules of the files; of their mapper's settings, those that are not about how to sample. */
export function timeloopSubject(paths: readonly string[], { lenient, set }: ReadOptions): SearchRequest {
  const { architecture, einsum, constraints, settings, warnings } = loadTimeloopSearch(paths, {
    lenient,
    parameters: set,
  });
  printWarnings(warnings);
  const { objective, threads } = settings;
  return { arch: architecture, layer: einsum, rules: constraints, objective, threads };
}
