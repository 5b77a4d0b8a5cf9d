/** What stays on chip between layers, against every subset of activations searched one by one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { search, searchReport } from '../../src/api/search.ts';
import type { SearchRequest } from '../../src/api/search.ts';
import { verify } from '../../src/api/verify.ts';
import type { Architecture } from '../../src/arch/architecture.ts';
import type { Rule } from '../../src/mapspace/constraints.ts';
import { Random } from '../../src/mapspace/random.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import type { Flow } from '../../src/workload/activations.ts';
import { activationsOf } from '../../src/workload/activations.ts';
import { outputIndex, tensorWords } from '../../src/workload/einsum.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import type { Layer, Workload } from '../../src/workload/workload.ts';
import { array, machine, memory } from '../mapspace/machines.ts';
import { schemaErrors } from '../report/schemas.ts';

const NARROW = { read: Infinity, write: Infinity, shared: 0.5 };

function arch(words: number): Architecture {
  return machine(
    memory('DRAM', Infinity, { bandwidth: NARROW }),
    memory('Buffer', words, { bandwidth: { read: 2, write: Infinity, shared: Infinity } }),
    array('PE', 2, 1),
    memory('RF', 6),
  );
}

/** A chain of products, each of 2 rows; `added` pairs of layers have the first one's outputs added to the second's. */
function network(widths: readonly number[], added: readonly (readonly [number, number])[] = []): Workload {
  const layers = widths.slice(1).map((n, i): Layer => {
    const name = `layer${i}`;
    return { name, count: 1, einsum: { ...parseLayer(`gemm:M=2,N=${n},K=${widths[i]}`), name } };
  });
  const flows: Flow[] = [
    ...layers.slice(1).map((_, i) => ({ from: i, layer: i + 1, tensor: 0 })),
    ...added.map(([from, layer]) => ({ from, layer })),
  ];
  return { name: 'small', selector: 'small', layers, activations: activationsOf(layers, flows, []) };
}

/** From a seed: a buffer that is scarce, three to five layers, up to two additions. */
function randomNetwork(seed: number): readonly [number, Workload] {
  const random = new Random(seed, 0);
  const widths = Array.from({ length: 4 + random.below(3) }, () => 2 + 2 * random.below(3));
  const last = widths.length - 2;
  const added = Array.from({ length: random.below(3) }, () => {
    const from = random.below(last);
    return [from, from + 1 + random.below(last - from)] as const;
  });
  return [16 + random.below(24), network(widths, added)];
}

const NETWORKS = [1, 2, 3, 4].map(randomNetwork);

interface Point {
  readonly energyPj: number;
  readonly cycles: number;
}

/** Least energy and cycles of one layer under rules, as a front; empty if nothing is legal. */
async function frontOf(
  architecture: Architecture,
  { einsum }: Layer,
  rules: readonly Rule[],
): Promise<Point[]> {
  try {
    const found = await search({
      arch: architecture,
      layer: einsum,
      rules,
      objective: ['energy', 'latency'],
      threads: 1,
    });
    return found.layers[0].front!.map(({ energyPj, cycles }) => ({ energyPj, cycles }));
  } catch (error) {
    if (error instanceof InfeasibleError) return [];
    throw error;
  }
}

/** Rules of one layer while the activations of `resident` layers stay. */
function rulesOf({ layers, activations = [] }: Workload, at: number, resident: readonly number[]): Rule[] {
  const { einsum } = layers[at];
  const node = 1;
  const rules: Rule[] = [];
  let reserve = 0;
  for (const producer of resident) {
    const { uses } = activations[producer];
    const last = Math.max(...uses.map(({ layer }) => layer));
    const words = tensorWords(layers[producer].einsum, layers[producer].einsum.tensors[2]);
    if (producer === at) rules.push({ kind: 'resident', node, tensor: outputIndex(einsum) });
    else if (uses.some(({ layer, tensor }) => layer === at && tensor !== undefined))
      rules.push({ kind: 'resident', node, tensor: 0 });
    else if (producer < at && at <= last) reserve += words;
  }
  return reserve > 0 ? [...rules, { kind: 'reserve', node, words: reserve }] : rules;
}

/** Every choice of what stays and of mappings: totals that no other beats. */
async function bruteForce(architecture: Architecture, workload: Workload): Promise<Point[]> {
  const { layers, activations = [] } = workload;
  const able = activations.flatMap(({ producer, leaves }) => (leaves === undefined ? [producer] : []));
  const known = new Map<string, Point[]>();
  const all: Point[] = [];
  for (let subset = 0; subset < 2 ** able.length; subset++) {
    const resident = able.filter((_, i) => (subset >> i) & 1);
    let totals: Point[] = [{ energyPj: 0, cycles: 0 }];
    for (const [at, layer] of layers.entries()) {
      const rules = rulesOf(workload, at, resident);
      const key = JSON.stringify([at, rules]);
      const front = known.get(key) ?? (await frontOf(architecture, layer, rules));
      known.set(key, front);
      totals = totals.flatMap(({ energyPj, cycles }) =>
        front.map((own) => ({ energyPj: energyPj + own.energyPj, cycles: cycles + own.cycles })),
      );
    }
    all.push(...totals);
  }
  return all;
}

const OBJECTIVES = {
  energy: ({ energyPj }: Point) => energyPj,
  latency: ({ cycles }: Point) => cycles,
  edp: ({ energyPj, cycles }: Point) => energyPj * cycles,
} as const;

describe.each(NETWORKS)('with %i words of buffer', (words, layer) => {
  test('the choice is the least over all subsets and mappings, proved, and never worse than none', async () => {
    const all = await bruteForce(arch(words), layer);
    for (const objective of ['energy', 'latency', 'edp'] as const) {
      const value = OBJECTIVES[objective];
      const request = { arch: arch(words), layer, objective, over: 'network', threads: 1 } as const;
      const { total, network: proof, residency } = await search({ ...request, resident: true });
      const least = Math.min(...all.map(value));
      expect(value(total) / least).toBeCloseTo(1, 9);
      expect(proof).toMatchObject({ objective, status: 'optimal' });
      const plain = await search(request);
      expect(residency?.without).toMatchObject(plain.total);
      expect(value(total)).toBeLessThanOrEqual(value(plain.total) * (1 + 1e-9));
    }
  });
});

test('something stays where there is room, and everything that does fits at once', async () => {
  const [words, layer] = [20, network([2, 6, 4, 6, 6, 2], [[0, 2]])];
  const request: SearchRequest = {
    arch: arch(words),
    layer,
    objective: 'energy',
    over: 'network',
    resident: true,
  };
  const found = await search({ ...request, threads: 1 });
  const stay = found.residency!.activations.flatMap(({ resident }, i) => (resident ? [i] : []));
  expect(stay.length).toBeGreaterThan(0);
  expect(stay.length).toBeLessThan(layer.layers.length - 1);
  for (const [at, { name }] of layer.layers.entries()) {
    const there = stay.filter(
      (i) => i <= at && Math.max(...layer.activations![i].uses.map((use) => use.layer)) >= at,
    );
    const own = found.layers.find(({ names }) => names.includes(name))!;
    const { einsum, best } = own.typed;
    const tiles = best.cost.memories[1].usedWords;
    const held = rulesOf(layer, at, stay).reduce(
      (sum, rule) =>
        rule.kind === 'resident' ? sum + tensorWords(einsum, einsum.tensors[rule.tensor]) : sum,
      0,
    );
    const resident = there.reduce(
      (sum, i) => sum + tensorWords(layer.layers[i].einsum, layer.layers[i].einsum.tensors[2]),
      0,
    );
    expect(tiles - held + resident).toBeLessThanOrEqual(words);
  }
});

test('two products by hand: what stays is not charged to the outermost memory', async () => {
  // Z1[1,4] = A1[1,1]·B1[1,4]; Z2[1,1] = Z1[1,4]·B2[4,1]. Every access of DRAM costs 100 pJ, of the buffer 1 pJ.
  const free = { leakPjPerCycle: 0, addressGenerationPj: 0, temporalReductionPj: 0 };
  const hand = machine(
    memory('DRAM', Infinity, { energy: { readPj: 100, fillPj: 100, updatePj: 100, ...free } }),
    memory('Buffer', 5, {
      keep: ['inputs', 'outputs'],
      mayKeep: [],
      energy: { readPj: 1, fillPj: 1, updatePj: 1, ...free },
    }),
  );
  const two = ['gemm:M=1,N=4,K=1', 'gemm:M=1,N=1,K=4'].map((text, i) => ({
    name: `layer${i}`,
    count: 1,
    einsum: parseLayer(text),
  }));
  const activations = activationsOf(two, [{ from: 0, layer: 1, tensor: 0 }], []);
  const layer = { name: 'two', selector: 'two', layers: two, activations };
  const request = { arch: hand, layer, objective: 'energy', over: 'network', threads: 1 } as const;
  const { total, residency, layers, interLayer } = await search({ ...request, resident: true });
  const mac = 8 * hand.compute.energyPj;
  // First: A1 from DRAM to the buffer (101), read for 4 products (4); 4 weights (400); 4 updates of Z1 in the buffer (4).
  const first = 101 + 4 + 400 + 4;
  // Second: Z1 read for 4 products (4); 4 weights (400); 4 updates and 3 reads of Z2 in the buffer (7), 1 to DRAM (100).
  const second = 4 + 400 + 7 + 100;
  expect(total.energyPj).toBe(first + second + mac);
  // Without: Z1 goes to DRAM (400) and comes back into the buffer (404).
  expect(residency?.without.energyPj).toBe(first + second + mac + 804);
  expect(layers.map(({ constraints }) => constraints)).toEqual([
    [{ target: 'Buffer', resident: ['Z'] }],
    [{ target: 'Buffer', resident: ['A'] }],
  ]);
  expect(interLayer).toMatchObject({
    written: { words: 1, energyPj: 100 },
    read: { words: 1, energyPj: 100 },
    all: { words: 10 },
  });
  expect(residency).toMatchObject({
    memory: 'Buffer',
    activations: [
      { layer: 'layer0', words: 4, readers: ['layer1'], added: [], resident: true },
      { layer: 'layer1', words: 1, resident: false, reason: 'no layer reads it' },
    ],
  });
});

test('the report keeps the schema, with and without residency', async () => {
  const [words, layer] = NETWORKS[0];
  const request = { arch: arch(words), layer, over: 'network', threads: 1 } as const;
  for (const resident of [true, false]) {
    const report = searchReport(await search({ ...request, resident }));
    expect(schemaErrors('dse.search-1', JSON.parse(JSON.stringify(report)))).toEqual([]);
  }
});

test('a saved result verifies; without its rules it does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dse-resident-'));
  const architecture = join(folder, 'machine.yaml');
  writeFileSync(architecture, MACHINE);
  const [, layer] = [0, network([4, 6, 2, 6])];
  const found = await search({ arch: architecture, layer, over: 'network', resident: true, threads: 1 });
  expect(found.residency?.activations.some(({ resident }) => resident)).toBe(true);
  const saved = join(folder, 'result.json');
  writeFileSync(saved, JSON.stringify(searchReport(found)));
  expect((await verify({ result: saved })).verdict).toBe('passed');
  const forged = { ...found, layers: found.layers.map((own) => ({ ...own, constraints: undefined })) };
  writeFileSync(saved, JSON.stringify(searchReport(forged)));
  const { layers } = await verify({ result: saved });
  expect(layers.flatMap(({ checks }) => checks.map(({ message }) => message)).join()).toContain(
    'is resident in Buffer, which no rule says',
  );
  rmSync(folder, { recursive: true });
});

const MACHINE = `schema: dse.arch/1
name: small
clock: 1 GHz
word: 16 bit
hierarchy:
  - memory: DRAM
    size: unlimited
    energy: { read: 200 pJ, write: 200 pJ }
  - memory: Buffer
    size: 40 words
    energy: { read: 2 pJ, write: 2 pJ }
  - memory: RF
    size: 6 words
    energy: { read: 1 pJ, write: 1 pJ }
  - compute: MAC
    energy: 1 pJ
`;

describe('is refused', () => {
  const [words, layer] = NETWORKS[0];
  const request = { arch: arch(words), layer, over: 'network', resident: true, threads: 1 } as const;
  const without: Workload = { ...layer, activations: undefined };
  const outputsOnly = machine(
    memory('DRAM', Infinity),
    memory('Sums', 40, { keep: ['outputs'], mayKeep: [] }),
  );
  test.each<[string, SearchRequest, string]>([
    ['over layers', { ...request, over: 'layers' }, 'over a whole network'],
    ['without a graph', { ...request, layer: without }, 'nothing says which layer'],
    ['with a time limit', { ...request, timeSeconds: 1 }, 'without limits'],
    ['by sampling', { ...request, strategy: 'anneal' }, 'exact searches'],
    [
      'for an order of objectives',
      { ...request, objective: { lexicographic: ['latency', 'energy'] } },
      'one quantity',
    ],
    ['for a front', { ...request, objective: ['energy', 'latency'] }, 'not a front'],
    ['with padding', { ...request, pad: 0.1 }, 'about layers'],
    ['where no memory keeps both', { ...request, arch: outputsOnly }, 'keeps both'],
  ])('%s', async (_, wanted, message) => {
    await expect(search(wanted)).rejects.toThrow(message);
  });
});
