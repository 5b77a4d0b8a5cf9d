/** Machines of ours written for a search by Timeloop: the same mappings are left to choose from. */
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../src/arch/architecture.ts';
import { loadArchitecture } from '../../src/arch/load.ts';
import type { Constraints } from '../../src/mapspace/constraints.ts';
import type { Mapspace } from '../../src/mapspace/mapspace.ts';
import { buildMapspace } from '../../src/mapspace/mapspace.ts';
import { readOwnConstraints } from '../../src/mapspace/read-constraints.ts';
import { search } from '../../src/search/search.ts';
import { toArchitecture, toConstraints, toEinsum } from '../../src/timeloop/convert.ts';
import type { TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';
import { unsaid } from '../../src/timeloop/unsaid.ts';
import { timeloopSearchToYaml } from '../../src/timeloop/write.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';
import { array, machine, memory } from '../mapspace/machines.ts';

const conv = parseLayer('conv:M=8,C=6,P=4,Q=4,R=3,S=3');
const gemm = parseLayer('gemm:M=12,N=30,K=20');

interface Written {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly rules: Constraints;
  readonly leftOut: readonly string[];
}

function thereAndBack(arch: Architecture, einsum: Einsum, rules: Constraints): Written {
  const { text, leftOut } = timeloopSearchToYaml(arch, einsum, rules);
  const input = readTimeloopSources([{ file: 'all.yaml', text }]) as Required<TimeloopInput>;
  const { design, problem, constraints } = input;
  return {
    arch: toArchitecture(design, { problem, constraints }),
    einsum: toEinsum(problem),
    rules: toConstraints(design, problem, constraints),
    leftOut: leftOut.map(({ message }) => message),
  };
}

/** What a search may choose; limits of dimensions that are not split anywhere at a level bind nothing. */
function choices({ levels, minUnits }: Mapspace): object {
  const open = levels.map(({ slots, limits, ...level }) => ({
    ...level,
    slots,
    limits: slots.map(({ dim }) => limits[dim]),
  }));
  return { open, minUnits };
}

function expectSameSpace(arch: Architecture, einsum: Einsum, rules: Constraints): void {
  const back = thereAndBack(arch, einsum, rules);
  expect(back.leftOut).toEqual([]);
  expect(choices(buildMapspace(back.arch, back.einsum, back.rules))).toEqual(
    choices(buildMapspace(arch, einsum, rules)),
  );
}

describe('shipped machines keep their mapspace', () => {
  test.each(['nvdla', 'tpu-v1', 'gemmini', 'simba', 'a100', 'h100', 'two-level'])('%s', (name) => {
    const arch = loadArchitecture(name);
    for (const einsum of [conv, gemm]) expectSameSpace(arch, einsum, readOwnConstraints(arch, einsum));
  });
});

test('a machine that may keep only some tensors has the same optimum', async () => {
  const arch = machine(
    memory('DRAM', Infinity),
    memory('GLB', 300, { keep: ['inputs'], mayKeep: ['outputs'] }),
    array('PE', 4, 3, {
      multicast: false,
      energy: { hopPj: 0.5, routerPj: 0, ingressPj: 0, spatialReductionPj: 0 },
    }),
    memory('spad', 24, { keep: ['weights'], mayKeep: [], rmwFirstUpdate: false }),
  );
  expect(unsaid(arch)).toEqual([]);
  const back = thereAndBack(arch, gemm, []);
  const options = { objective: 'energy', threads: 1 } as const;
  const own = await search({ ...options, architecture: arch, layer: gemm });
  const theirs = await search({
    ...options,
    architecture: back.arch,
    layer: back.einsum,
    constraints: back.rules,
  });
  expect(own.certificate.status).toBe('optimal');
  expect(theirs.best.cost.energyPj).toBe(own.best.cost.energyPj);
});

test('rules on factors, orders, kept tensors, axes and utilization are written', () => {
  const arch = machine(memory('DRAM', Infinity), memory('GLB', 4000), array('PE', 4, 4), memory('RF', 64));
  expectSameSpace(arch, gemm, [
    { kind: 'factor', node: 0, dim: 0, least: 2, most: 6 },
    { kind: 'factor', node: 1, dim: 1, least: 5, most: 5 },
    { kind: 'factor', node: 2, dim: 2, least: 1, most: 4 },
    { kind: 'order', node: 1, sequence: ['*', 2, 0] },
    { kind: 'order', node: 3, sequence: [1, 2, 0] },
    { kind: 'keep', node: 1, tensor: 0, kept: true },
    { kind: 'keep', node: 3, tensor: 1, kept: false },
    { kind: 'axis', node: 2, axis: 'x', dims: [0] },
    { kind: 'axis', node: 2, axis: 'y', dims: [2] },
    { kind: 'utilization', node: 2, share: 0.25 },
  ]);
});

test('what Timeloop has no form for is told', () => {
  const arch = machine(memory('DRAM', Infinity), array('PE', 4, 4), memory('RF', 64));
  const { leftOut } = thereAndBack(arch, gemm, [
    { kind: 'order', node: 0, sequence: [0, '*'] },
    { kind: 'axis', node: 1, axis: 'x', dims: [0, 1] },
    { kind: 'axis', node: 1, axis: 'y', dims: [1, 2] },
    { kind: 'utilization', node: arch.nodes.length, share: 0.5 },
  ]);
  expect(leftOut).toEqual([
    expect.stringContaining('order of the loops of DRAM'),
    expect.stringContaining('axes of PE'),
    expect.stringContaining('share of MAC at work'),
  ]);
  const leaky = memory('RF', 64, { datawidthBits: { outputs: 32 }, drainReads: true });
  const messages = unsaid(
    machine(memory('DRAM', Infinity), array('PE', 4, 4, { haloMulticast: true }), leaky),
  );
  expect(messages.map(({ message }) => message)).toEqual([
    expect.stringContaining('halo multicast of PE'),
    expect.stringContaining('additions in PE'),
    expect.stringContaining('element widths in RF'),
    expect.stringContaining('drain reads of RF'),
  ]);
});

test('copies that share nothing come back as such', () => {
  const arch = machine(
    memory('DRAM', Infinity),
    array('PE', 4, 4, { multicast: false }),
    memory('RF', 64),
    array('lane', 2, 1, { spatialReduction: false }),
  );
  const shared = thereAndBack(arch, gemm, []).arch.nodes.flatMap((node) =>
    node.kind === 'array' ? [[node.multicast, node.spatialReduction]] : [],
  );
  expect(shared).toEqual([
    [false, true],
    [true, false],
  ]);
});
