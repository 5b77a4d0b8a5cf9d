/** `evaluate`: the cost of one mapping. */
import type { Architecture } from '../arch/architecture.ts';
import type { MappingFile } from '../mapping/file.ts';
import { assertLegal } from '../mapping/legality.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { readMapping } from '../mapping/read.ts';
import type { Cost } from '../model/cost.ts';
import { evaluateMapping } from '../model/evaluate.ts';
import { evalReport } from '../report/json.ts';
import type { EvalReport } from '../report/json.ts';
import { parseYaml, readYaml } from '../spec/document.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { Workload } from '../workload/workload.ts';
import { resolveArchitecture, resolveLayer } from './subject.ts';
import type { Parameters } from './subject.ts';

export interface EvaluateRequest {
  /** Name of a shipped architecture, path of a YAML file, or the value. */
  readonly arch: string | Architecture;
  /** A selector that names one shape (`resnet50.conv3_1.b`, `gemm:M=64,N=64,K=64`), or the value. */
  readonly layer: string | Einsum | Workload;
  /** Path of a mapping file or of a saved search result, such a file's content as an object, or the value. */
  readonly mapping: string | MappingFile | Mapping;
  /** Parameters of the layer's network. */
  readonly params?: Parameters;
}

/** The figures as `dse eval --json` prints them, and the same as typed values. */
export interface Evaluation extends EvalReport {
  readonly typed: {
    readonly architecture: Architecture;
    readonly einsum: Einsum;
    readonly mapping: Mapping;
    readonly cost: Cost;
  };
}

/**
 * Evaluates a mapping of a layer on an architecture. Energies in pJ, times in cycles and seconds, sizes in words.
 *
 * @throws InputError for a name, file or mapping that is not valid, with every reason and its place
 */
export function evaluate(request: EvaluateRequest): Evaluation {
  const architecture = resolveArchitecture(request.arch);
  const einsum = resolveLayer(request.layer, request.params);
  const mapping = resolveMapping(request.mapping, architecture, einsum);
  const cost = evaluateMapping(architecture, einsum, mapping);
  const report = evalReport({ arch: architecture, einsum, cost });
  return { ...report, typed: { architecture, einsum, mapping, cost } };
}

function resolveMapping(mapping: EvaluateRequest['mapping'], arch: Architecture, einsum: Einsum): Mapping {
  if (typeof mapping === 'string') return readMapping(readYaml(mapping), arch, einsum);
  if ('schema' in mapping) {
    return readMapping(parseYaml(JSON.stringify(mapping, undefined, 1), 'mapping'), arch, einsum);
  }
  assertLegal(arch, einsum, mapping);
  return mapping;
}
