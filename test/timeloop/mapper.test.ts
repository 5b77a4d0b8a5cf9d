/** Our exact search against the best of Timeloop's own mapper, on its row-stationary Eyeriss, under its semantics. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { evaluateTimeloop } from '../../src/model/timeloop/evaluate.ts';
import { searchExact } from '../../src/search/exact/exact.ts';
import { toArchitecture, toConstraints, toEinsum } from '../../src/timeloop/convert.ts';
import type { TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';
import { timeloopMappingToYaml } from '../../src/timeloop/write.ts';
import { GOLDEN, mappingFromText } from './golden.ts';

interface MapperRuns {
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly runs: readonly {
    readonly config: string;
    /** As a loop nest in text. */
    readonly best_map?: string;
  }[];
}

const FILE = `${GOLDEN}mapper.json`;
const hasRuns = existsSync(FILE);
if (!hasRuns) console.warn("Results of Timeloop's mapper are absent: the comparison with it is SKIPPED");
const { configs, runs }: MapperRuns = hasRuns
  ? JSON.parse(readFileSync(FILE, 'utf8'))
  : { configs: {}, runs: [] };
const LAYERS = ['conv2_3x3_64_64_56', 'conv3_3x3_128_128_28', 'conv4_1x1_1024_256_14', 'conv5_3x3_512_512_7'];
/** J·cycle: the whole spaces, enumerated by Timeloop. */
const ENUMERATED: Readonly<Record<string, number>> = {
  conv2_3x3_64_64_56: 447.7,
  conv5_3x3_512_512_7: 761.1,
};

/** Our proved optimum; what Timeloop reports for it and for the best mapping its own mapper found; pJ·cycle. */
function compare(config: string): { proved: boolean; optimum: number; ours: number; theirs: number } {
  const sources = Object.entries(configs[config]).map(([file, text]) => ({ file, text }));
  const { design, problem, constraints } = readTimeloopSources(sources) as Required<TimeloopInput>;
  const asTimeloop = (text: string): number => {
    const { mapping } = readTimeloopSources([...sources, { file: 'mapping.yaml', text }]);
    const { energy, cycles } = evaluateTimeloop(design, problem, mapping!);
    return energy * cycles;
  };
  const architecture = toArchitecture(design, { problem });
  const einsum = toEinsum(problem);
  const space = buildMapspace(architecture, einsum, toConstraints(design, problem, constraints));
  const { best, certificate } = searchExact(space, { objective: 'edp' });
  const [{ mapping, cost }] = best;
  const found = runs.flatMap((run) => (run.config === config && run.best_map ? [run.best_map] : []));
  return {
    proved: certificate.status === 'optimal',
    optimum: cost.energyPj * cost.cycles,
    ours: asTimeloop(timeloopMappingToYaml(architecture, einsum, mapping)),
    theirs: Math.min(...found.map((nest) => asTimeloop(mappingFromText(nest, design.levels)))),
  };
}

describe.skipIf(!hasRuns)('on the row-stationary Eyeriss with 256 units', () => {
  it.each(LAYERS)("no mapping of Timeloop's is better than ours for %s", (layer) => {
    const { proved, optimum, ours, theirs } = compare(`${layer}__rs`);
    expect(proved).toBe(true);
    expect(ours).toBeLessThanOrEqual(theirs * (1 + 1e-12));
    if (layer in ENUMERATED) expect(optimum * 1e-12).toBeCloseTo(ENUMERATED[layer], 1);
  });
});
