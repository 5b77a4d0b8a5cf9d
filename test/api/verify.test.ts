/** `verify` accepts what `search` found, and no forgery of it. */
import { describe, expect, test } from 'vitest';
import { loadArchitecture, search, verify, withMemory } from '../../src/index.ts';
import type { SearchReport, SearchRequest, VerifyReport } from '../../src/index.ts';
import { searchReport } from '../../src/api/search.ts';
import { searchExact } from '../../src/search/exact/exact.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { totals } from '../../src/report/json.ts';
import { schemaErrors } from '../report/schemas.ts';
import { randomCase } from '../search/exact/cases.ts';

const LAYER = 'conv:M=16,C=8,P=14,Q=14,R=3,S=3';

async function found(request: Partial<SearchRequest> = {}): Promise<SearchReport> {
  return searchReport(await search({ arch: 'eyeriss', layer: LAYER, threads: 1, ...request }));
}

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
type Draft = Mutable<SearchReport>;

/** A copy with something changed, its totals made to fit. */
function forged(report: SearchReport, change: (draft: Draft) => void): SearchReport {
  const draft = structuredClone(report) as Draft;
  change(draft);
  draft.total = totals(draft.layers);
  return draft;
}

async function failures(result: SearchReport, arch?: string): Promise<string[]> {
  const report = await verify({ result, arch });
  expect(schemaErrors('dse.verify-1', report)).toEqual([]);
  expect(report.verdict).toBe('failed');
  return failedChecks(report);
}

function failedChecks({ layers, total }: VerifyReport): string[] {
  const checks = [...layers.flatMap((layer) => layer.checks), total];
  return checks.flatMap(({ name, outcome, message }) =>
    outcome === 'failed' ? [`${name}: ${message}`] : [],
  );
}

describe('verify accepts', () => {
  test.each(['edp', 'energy', 'latency', 'ed2p'] as const)('an optimum for %s', async (objective) => {
    const result = await found({ objective });
    const report = await verify({ result });
    expect(schemaErrors('dse.verify-1', report)).toEqual([]);
    expect(report.verdict).toBe('passed');
    const [{ claim, checks, visited }] = report.layers;
    expect(claim).toBe('optimal');
    expect(checks.map(({ name }) => name)).toEqual([
      'mapping',
      'figures',
      'constraints',
      'certificate',
      'bound',
    ]);
    // The least latency needs no search: all units are busy.
    if (objective !== 'latency') expect(visited).toBeGreaterThan(0);
  });

  test('the optima of random layers and machines, under random rules', async () => {
    const options = {
      bandwidth: true,
      leakage: true,
      network: true,
      freeKeeps: true,
      constraints: true,
      blocks: true,
    };
    let verified = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const { arch, einsum, constraints } = randomCase(seed, options);
      const outcome = await search({ arch, layer: einsum, rules: constraints, threads: 1 }).catch(
        () => undefined,
      );
      if (outcome?.layers[0].certificate.status !== 'optimal') continue;
      const report = await verify({ result: searchReport(outcome), arch });
      expect([seed, report.verdict, failedChecks(report)]).toEqual([seed, 'passed', []]);
      verified++;
    }
    expect(verified).toBeGreaterThan(12);
  });

  test('a front, and constraints beside those of the architecture', async () => {
    const constraints = [{ target: 'GLB', factors: ['M<=4', 'C>=2'], order: ['M', '*'] }];
    const result = await found({ objective: ['energy', 'latency'], constraints });
    expect(result.layers[0].constraints).toHaveLength(3);
    expect((await verify({ result })).verdict).toBe('passed');
  });

  test.each([
    { lexicographic: ['latency', 'energy'] },
    { lexicographic: ['energy', 'latency'] },
    { lexicographic: ['ed2p', 'energy'] },
    { weights: { energy: 1, latency: 250 } },
  ] as const)('an order or a weighted sum: %j', async (objective) => {
    const result = await found({ objective, layer: 'gemm:M=16,N=16,K=16' });
    const report = await verify({ result });
    expect([report.verdict, failedChecks(report)]).toEqual(['passed', []]);
    const last = report.layers[0].checks.at(-1)!.name;
    expect(last).toBe('lexicographic' in objective ? 'order' : 'bound');
  });

  test('a bound below the best, as a search that was stopped states it', async () => {
    const result = forged(await found(), ({ layers: [{ certificate }] }) => {
      certificate.status = 'bounded';
      certificate.lowerBound! *= 0.9;
      certificate.gap = 1 / 0.9 - 1;
    });
    expect((await verify({ result })).verdict).toBe('passed');
  });

  test('what was annealed, without a proof', async () => {
    const report = await verify({ result: await found({ evaluations: 300 }) });
    expect(report.verdict).toBe('passed');
    expect(report.layers[0]).toMatchObject({ claim: 'heuristic', visited: 0 });
  });
});

describe('verify refutes', () => {
  /** A mapping worse than the optimum that claims to be it. */
  async function braggart(): Promise<SearchReport> {
    return forged(await found({ evaluations: 50 }), ({ layers: [{ best, certificate }] }) => {
      const value = best.energyPj * best.cycles;
      Object.assign(certificate, { status: 'optimal', lowerBound: value, gap: 0 });
    });
  }

  test('an optimum that is none', async () => {
    expect(await failures(await braggart())).toEqual([
      expect.stringMatching(/^bound: a mapping of .* is below/),
    ]);
  });

  test('a gap that is too small, with its bound or without', async () => {
    const worse = await braggart();
    const optimum = (await found()).layers[0].certificate.lowerBound!;
    const bounded = (bound: number, gap: (value: number) => number): SearchReport =>
      forged(worse, ({ layers: [{ best, certificate }] }) => {
        const value = best.energyPj * best.cycles;
        Object.assign(certificate, { status: 'bounded', lowerBound: bound, gap: gap(value) });
      });
    const raised = bounded(optimum * 1.001, (value) => value / (optimum * 1.001) - 1);
    expect(await failures(raised)).toEqual([expect.stringMatching(/^bound: /)]);
    const shrunk = bounded(optimum, (value) => value / optimum - 1.01);
    expect(await failures(shrunk)).toEqual([expect.stringMatching(/^certificate: the gap/)]);
    const honest = bounded(optimum, (value) => value / optimum - 1);
    expect((await verify({ result: honest })).verdict).toBe('passed');
  });

  test.each(['energyPj', 'cycles', 'latencySeconds', 'edpJs', 'utilization'] as const)(
    '%s that is not the mapping’s',
    async (key) => {
      const result = forged(await found(), ({ layers: [{ best }] }) => {
        best[key] *= 1 - 2 ** -50;
      });
      expect(await failures(result)).toEqual([
        expect.stringMatching(new RegExp(`^figures: the mapping: ${key}`)),
      ]);
    },
  );

  test('a mapping of another layer, or of none', async () => {
    const result = await found({ layer: 'resnet50.conv5_1.?', evaluations: 100 });
    const swapped = forged(result, ({ layers }) => {
      [layers[0].best, layers[1].best] = [layers[1].best, layers[0].best];
    });
    const messages = await failures(swapped);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatch(/^mapping: the mapping is not one of this layer: factors of .*line \d+/);
  });

  test('a mapping that disobeys the constraints', async () => {
    const result = forged(await found(), ({ layers }) => {
      layers[0].constraints = [{ target: 'PE', x: ['N'], y: ['N'] }];
    });
    expect((await failures(result)).join()).toMatch(/constraints: the mapping: .* lies on . of PE/);
  });

  test('a front that lacks a point, or has one too many', async () => {
    const result = await found({ layer: 'resnet50.conv3_2.b', objective: ['energy', 'latency'] });
    expect(result.layers[0].front!.length).toBeGreaterThan(1);
    const short = forged(result, ({ layers: [{ front }] }) => front!.pop());
    expect(await failures(short)).toEqual([expect.stringMatching(/^front: no point covers/)]);
    const long = forged(result, ({ layers: [{ front }] }) => front!.push(front![0]));
    expect(await failures(long)).toEqual([expect.stringMatching(/^front: point \d is beaten/)]);
  });

  test('an order whose second quantity could be less', async () => {
    const fastest = await found({ objective: 'latency', evaluations: 3000 });
    const claimed = fastest.layers[0].best.cycles;
    const honest = await found({ objective: { lexicographic: ['latency', 'energy'] } });
    expect(honest.layers[0].best.cycles).toBe(claimed);
    expect(honest.layers[0].best.energyPj).toBeLessThan(fastest.layers[0].best.energyPj);
    const result = forged(honest, ({ layers }) => {
      layers[0].best = structuredClone(fastest.layers[0].best) as Draft['layers'][0]['best'];
    });
    expect(await failures(result)).toEqual([
      expect.stringMatching(/^order: a mapping of .* comes before it/),
    ]);
  });

  test('a total that is not the sum', async () => {
    const result = structuredClone(await found({ evaluations: 50 })) as Draft;
    result.total.energyPj += 1;
    expect(await failures(result)).toEqual([expect.stringMatching(/^total: energyPj/)]);
  });
});

test('verify leaves undecided what it has no time for', async () => {
  const report = await verify({ result: await found({ layer: 'resnet50.conv4_1.b' }), timeSeconds: 1e-6 });
  expect(report.verdict).toBe('undecided');
});

test('verify refuses an architecture that has changed, and none', async () => {
  const result = await found({ evaluations: 50 });
  const changed = withMemory(loadArchitecture('eyeriss'), 'GLB', { words: 1000 });
  await expect(verify({ result, arch: changed })).rejects.toThrow('has changed since');
  await expect(verify({ result: { ...result, archFile: null } })).rejects.toThrow('does not say where');
  expect((await verify({ result: { ...result, archFile: null }, arch: 'eyeriss' })).verdict).toBe('passed');
});

test('points known from elsewhere are not found again by a search for the front', () => {
  const { arch, einsum } = subjectWithFront();
  const space = buildMapspace(arch, einsum);
  const front = searchExact(space, { objective: 'front' }).best.map(({ cost }) => cost);
  expect(front.length).toBeGreaterThan(2);
  const incumbents = front.slice(1);
  const again = searchExact(space, { objective: 'front', incumbents });
  expect(again.best.map(({ cost }) => cost.cycles)).toEqual([front[0].cycles]);
  expect(again.certificate.status).toBe('optimal');
});

function subjectWithFront(): ReturnType<typeof randomCase> {
  const options = {
    bandwidth: true,
    leakage: false,
    network: true,
    freeKeeps: true,
    constraints: false,
    blocks: false,
  };
  for (let seed = 1; ; seed++) {
    const subject = randomCase(seed, options);
    const front = searchExact(buildMapspace(subject.arch, subject.einsum), { objective: 'front' }).best;
    if (front.length > 2) return subject;
  }
}
