/** Timeloop's files as requests of ours: evaluation under either semantics, conversion, and what a search needs. */
import type { Architecture } from '../arch/architecture.ts';
import { architectureToYaml } from '../arch/write.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { assertLegal } from '../mapping/legality.ts';
import { mappingToYaml } from '../mapping/write.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import { constraintsToYaml } from '../mapspace/write-constraints.ts';
import { evaluateTimeloop } from '../model/timeloop/evaluate.ts';
import type { TimeloopResult } from '../model/timeloop/result.ts';
import type { Diagnostic } from '../spec/errors.ts';
import { InputError } from '../spec/errors.ts';
import type { Source } from '../spec/source.ts';
import { toArchitecture, toConstraints, toEinsum, toMapping } from '../timeloop/convert.ts';
import type { SearchSettings } from '../timeloop/mapper.ts';
import { toSearchSettings } from '../timeloop/mapper.ts';
import type { ReadOptions, TimeloopInput } from '../timeloop/read.ts';
import { readTimeloop, readTimeloopSources } from '../timeloop/read.ts';
import type { Design, Problem } from '../timeloop/spec.ts';
import { timeloopToYaml } from '../timeloop/write.ts';
import { unsaid } from '../timeloop/unsaid.ts';
import type { Einsum } from '../workload/einsum.ts';
import { layerToText } from '../workload/write.ts';

/** A machine, a layer and a mapping of ours, from Timeloop's files. */
export interface ConvertedFiles {
  readonly architecture: Architecture;
  readonly einsum: Einsum;
  /** Absent if the files have none. */
  readonly mapping?: Mapping;
  /** What tensors a memory keeps aside: the architecture says so. */
  readonly constraints: Constraints;
  readonly warnings: readonly Diagnostic[];
}

export interface SearchInputs extends ConvertedFiles {
  readonly settings: SearchSettings;
}

export interface TimeloopEvaluation {
  readonly problem: Problem;
  readonly result: TimeloopResult;
  readonly warnings: readonly Diagnostic[];
}

/** Throws `InputError` for what the files lack or have wrong. */
export function loadTimeloop(paths: readonly string[], options: ReadOptions = {}): ConvertedFiles {
  const input = readTimeloop(paths, options);
  const { design, problem } = machineAndLayer(input, paths);
  const { mapping, warnings } = input;
  const architecture = toArchitecture(design, { problem, mapping, constraints: input.constraints });
  const einsum = toEinsum(problem);
  const constraints = toConstraints(design, problem, input.constraints).filter(({ kind }) => kind !== 'keep');
  if (!mapping) return { architecture, einsum, constraints, warnings };
  const converted = toMapping(design, problem, mapping);
  assertLegal(architecture, einsum, converted);
  return { architecture, einsum, constraints, mapping: converted, warnings };
}

/** The machine alone. Throws `InputError` for what the text lacks or has wrong. */
export function convertedArchitecture(source: Source): Architecture {
  const { design, ...hints } = readTimeloopSources([source]);
  return toArchitecture(design ?? lacking('architecture', [source.file]), hints);
}

/** What `dse search arch.yaml problem.yaml mapper.yaml` searches. */
export function loadTimeloopSearch(paths: readonly string[], options: ReadOptions = {}): SearchInputs {
  const input = readTimeloop(paths, options);
  const { design, problem } = machineAndLayer(input, paths);
  const { settings, warnings } = toSearchSettings(input.mapper);
  return {
    architecture: toArchitecture(design, { problem, constraints: input.constraints }),
    einsum: toEinsum(problem),
    constraints: toConstraints(design, problem, input.constraints),
    settings,
    warnings: [...input.warnings, ...warnings],
  };
}

/** Timeloop's files under Timeloop's semantics. */
export function evaluateTimeloopFiles(
  paths: readonly string[],
  options: ReadOptions = {},
): TimeloopEvaluation {
  const input = readTimeloop(paths, options);
  const { design, problem } = machineAndLayer(input, paths);
  const mapping = input.mapping ?? lacking('mapping', paths);
  return { problem, result: evaluateTimeloop(design, problem, mapping), warnings: input.warnings };
}

/** A machine, layer and mapping of ours under Timeloop's semantics: as Timeloop would see the files we write. */
export function evaluateAsTimeloop(
  architecture: Architecture,
  einsum: Einsum,
  mapping: Mapping,
): TimeloopEvaluation {
  const text = timeloopToYaml(architecture, einsum, mapping);
  const input = readTimeloopSources([{ file: 'converted.yaml', text }]) as Required<TimeloopInput>;
  const result = evaluateTimeloop(input.design, input.problem, input.mapping);
  return { problem: input.problem, result, warnings: unsaid(architecture) };
}

/** Files of ours that say what Timeloop's files say, by name. */
export function filesFromTimeloop(
  paths: readonly string[],
  options: ReadOptions = {},
): {
  readonly files: ReadonlyMap<string, string>;
  /** The layer, as `--layer` takes it. */
  readonly layer: string;
  readonly warnings: readonly Diagnostic[];
} {
  const { architecture, einsum, mapping, constraints, warnings } = loadTimeloop(paths, options);
  const files = new Map([['arch.yaml', architectureToYaml(architecture)]]);
  if (constraints.length > 0)
    files.set('constraints.yaml', constraintsToYaml(constraints, architecture, einsum));
  if (mapping) files.set('mapping.yaml', mappingToYaml(mapping, architecture, einsum));
  return { files, layer: layerToText(einsum), warnings };
}

function machineAndLayer(
  input: TimeloopInput,
  paths: readonly string[],
): { design: Design; problem: Problem } {
  return {
    design: input.design ?? lacking('architecture', paths),
    problem: input.problem ?? lacking('problem', paths),
  };
}

function lacking(section: 'architecture' | 'problem' | 'mapping', paths: readonly string[]): never {
  throw new InputError({
    message: `no '${section}:' section in ${paths.join(', ')}`,
    suggestion: `add the file that describes the ${section}`,
  });
}
