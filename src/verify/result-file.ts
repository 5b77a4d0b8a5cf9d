/** Reads a saved search result back into claims, with the place of everything wrong in it. What is true is not asked here. */
import { z } from 'zod';
import type { Goal, Objective, ObjectiveName } from '../search/objective.ts';
import { goalOf } from '../search/objective.ts';
import type { Path, YamlDocument } from '../spec/document.ts';
import { check } from '../spec/document.ts';
import { InputError } from '../spec/errors.ts';
import type { Einsum, Rank } from '../workload/einsum.ts';

const figures = z.object({
  energyPj: z.number(),
  cycles: z.number(),
  latencySeconds: z.number(),
  edpJs: z.number(),
  utilization: z.number(),
});

const bound = z
  .int()
  .min(1)
  .lt(2 ** 31);

const einsum = z.object({
  dims: z.record(z.string(), bound),
  tensors: z.record(
    z.string(),
    z.object({ role: z.enum(['inputs', 'weights', 'outputs']), ranks: z.array(z.string()) }),
  ),
  macs: z.number(),
});

const layer = z.object({
  name: z.string(),
  count: z.int().min(1),
  einsum,
  constraints: z.array(z.unknown()).optional(),
  best: figures,
  front: z.array(figures).min(1).optional(),
  certificate: z.object({
    status: z.enum(['optimal', 'bounded', 'heuristic']),
    lowerBound: z.number().nullable(),
    gap: z.number().nullable(),
    mapspaceSize: z.string(),
  }),
});

const resultSchema = z.object({
  schema: z.literal('dse.search/1'),
  arch: z.string(),
  archFile: z.string().nullable(),
  archDigest: z.string(),
  objective: z.string(),
  uneven: z.boolean().optional(),
  layers: z.array(layer).min(1),
  total: z.object({
    energyPj: z.number(),
    cycles: z.number(),
    latencySeconds: z.number(),
    edpJs: z.number(),
  }),
});

export type Figures = z.infer<typeof figures>;
export type ClaimedCertificate = z.infer<typeof layer>['certificate'];

/** What a result says of one layer. Mappings stand in the document at `[...path, 'best' or 'front', …, 'mapping']`. */
export interface LayerClaim {
  readonly name: string;
  readonly count: number;
  readonly path: Path;
  readonly einsum: Einsum;
  readonly macs: number;
  /** Rules beside the architecture's own stand at `[...path, 'constraints']`. */
  readonly constrained: boolean;
  readonly best: Figures;
  readonly front?: readonly Figures[];
  readonly certificate: ClaimedCertificate;
}

export interface ResultClaim {
  readonly document: YamlDocument;
  readonly arch: string;
  readonly archFile: string | null;
  readonly archDigest: string;
  readonly goal: Goal;
  /** Stations of one memory may lie apart. */
  readonly uneven: boolean;
  readonly layers: readonly LayerClaim[];
  readonly total: z.infer<typeof resultSchema>['total'];
}

/**
 * The claims of a `dse.search/1` document.
 *
 * @throws InputError with every missing or malformed field and its place
 */
export function readResult(document: YamlDocument): ResultClaim {
  if (document.at(['schema']) !== 'dse.search/1') {
    document.fail(['schema'], `this is no search result: its schema is ${document.found(['schema'])}`, {
      expected: "'dse.search/1', the output of dse search --json",
    });
  }
  const result = check(document, resultSchema);
  const { arch, archFile, archDigest, total } = result;
  return {
    document,
    arch,
    archFile,
    archDigest,
    goal: readObjective(document, result.objective),
    uneven: result.uneven ?? false,
    layers: result.layers.map((entry, i) => {
      const path = ['layers', i];
      const { name, count, best, front, certificate } = entry;
      return {
        name,
        count,
        path,
        einsum: readEinsum(document, [...path, 'einsum'], name, entry.einsum),
        macs: entry.einsum.macs,
        constrained: entry.constraints !== undefined,
        best,
        front,
        certificate,
      };
    }),
    total,
  };
}

/** The text that `objectiveText` writes. */
function readObjective(document: YamlDocument, text: string): Goal {
  try {
    return goalOf(objectiveOf(text));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message, expected }] = error.diagnostics;
    return document.fail(['objective'], message, { expected });
  }
}

function objectiveOf(text: string): Objective {
  const names = (list: string): ObjectiveName[] => list.split(',') as ObjectiveName[];
  if (text.startsWith('lex:')) return { lexicographic: names(text.slice('lex:'.length)) };
  const [, energy, latency] = /^weighted:energy=(.+),latency=(.+)$/.exec(text) ?? [];
  if (energy !== undefined) return { weights: { energy: Number(energy), latency: Number(latency) } };
  return names(text);
}

function readEinsum(
  document: YamlDocument,
  path: Path,
  name: string,
  { dims, tensors }: z.infer<typeof einsum>,
): Einsum {
  const dimNames = Object.keys(dims);
  const outputs = Object.values(tensors).filter(({ role }) => role === 'outputs').length;
  if (outputs !== 1)
    document.fail([...path, 'tensors'], `${outputs} tensors are outputs`, { expected: 'one' });
  return {
    name,
    dims: Object.entries(dims).map(([dim, extent]) => ({ name: dim, bound: extent })),
    tensors: Object.entries(tensors).map(([tensor, { role, ranks }]) => ({
      name: tensor,
      role,
      ranks: ranks.map((text, r) =>
        readRank(document, [...path, 'tensors', tensor, 'ranks', r], text, dimNames),
      ),
    })),
  };
}

/** A sum such as `2P+R` or `P-R`; `0` for none. */
function readRank(document: YamlDocument, path: Path, text: string, dims: readonly string[]): Rank {
  if (text === '0') return [];
  const terms = [...text.matchAll(/([+-]?)(\d*)([A-Za-z_]\w*)/g)];
  const whole = terms.map(([term]) => term).join('');
  const rank = terms.map(([, sign, digits, dim]) => ({
    dim: dims.indexOf(dim),
    coefficient: (sign === '-' ? -1 : 1) * (digits === '' ? 1 : Number(digits)),
  }));
  if (whole === text && rank.every(({ dim, coefficient }) => dim >= 0 && coefficient !== 0)) return rank;
  return document.fail(path, `'${text}' is no sum of dimensions`, {
    expected: `terms of ${dims.join(', ')}, such as 2${dims[0]}`,
  });
}
