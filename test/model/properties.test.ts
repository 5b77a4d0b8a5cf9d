/** What any sound cost model obeys, whatever its formulas: checked on random machines, layers and mappings. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Architecture, Memory } from '../../src/arch/architecture.ts';
import { fanouts, memories, wordsPerElement } from '../../src/arch/architecture.ts';
import type { Loop, Mapping, NestItem } from '../../src/mapping/mapping.ts';
import type { Cost, TensorCost } from '../../src/model/cost.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import type { Einsum, Tensor } from '../../src/workload/einsum.ts';
import { isRelevant, macs } from '../../src/workload/einsum.ts';
import type { Case } from '../support/arbitraries.ts';
import { cases } from '../support/arbitraries.ts';
import { countsOf } from '../support/counts.ts';

/** No walk here: layers may be large. */
const anyCase = cases({ maxMacs: 100_000 });

function holds(check: (example: Case, cost: Cost) => void, numRuns = 300): void {
  const property = fc.property(anyCase, (example) => {
    check(example, evaluateMapping(example.arch, example.einsum, example.mapping));
  });
  fc.assert(property, { numRuns });
}

describe('counts', () => {
  test('are integers, none negative', () => {
    holds((_, cost) => {
      for (const count of everyNumber(countsOf(cost))) {
        expect(Number.isSafeInteger(count)).toBe(true);
        expect(count).toBeGreaterThanOrEqual(0);
      }
    });
  });

  test('in total are those of one instance times the instances at work', () => {
    holds((_, cost) => {
      for (const { tensors, utilizedInstances } of cost.memories) {
        for (const { perInstance, ...tensor } of tensors) {
          for (const [name, count] of Object.entries(perInstance)) {
            expect(tensor[name as keyof typeof perInstance]).toBe(count * utilizedInstances);
          }
        }
      }
    });
  });

  test('of multiply-accumulates are the layer, and spread evenly over units', () => {
    holds(({ einsum }, cost) => {
      expect(cost.computes).toBe(macs(einsum));
      expect(cost.utilizedUnits * cost.computeCycles).toBe(cost.computes);
    });
  });

  test('at the outermost memory cover every operand and result once', () => {
    holds(({ einsum }, cost) => {
      einsum.tensors.forEach((tensor, t) => {
        const { reads, updates, fills } = cost.memories[0].tensors[t];
        expect(tensor.role === 'outputs' ? updates : reads).toBeGreaterThanOrEqual(elements(einsum, tensor));
        expect(fills).toBe(0);
      });
    });
  });

  test('of operands agree on both sides of a link that shares nothing', () => {
    holds(({ arch, einsum, mapping }) => {
      const cost = evaluateMapping(withFanouts(arch, { multicast: false }), einsum, mapping);
      einsum.tensors.forEach((tensor, t) => {
        if (tensor.role === 'outputs') return;
        const kept = cost.memories.map((memory) => memory.tensors[t]).filter((entry) => entry.kept);
        const wanted = [...kept.slice(1).map((entry) => entry.fills), cost.computes];
        expect(kept.map((entry) => entry.reads)).toEqual(wanted);
      });
    });
  });

  test('of sums agree on both sides of a link that adds nothing up', () => {
    holds(({ arch, einsum, mapping }) => {
      const cost = evaluateMapping(withFanouts(arch, { spatialReduction: false }), einsum, mapping);
      const t = einsum.tensors.findIndex((tensor) => tensor.role === 'outputs');
      const innermost = cost.memories.map((memory) => memory.tensors[t]).findLast((entry) => entry.kept);
      expect(innermost?.updates).toBe(cost.computes);
      expect(cost.networks.every((network) => network.tensors[t].spatialReductions === 0)).toBe(true);
    });
  });

  test('never grow by sharing', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const apart = withFanouts(arch, { multicast: false, spatialReduction: false });
      const unshared = evaluateMapping(apart, einsum, mapping);
      everyTensor(cost).forEach((tensor, i) => {
        expect(tensor.reads).toBeLessThanOrEqual(everyTensor(unshared)[i].reads);
        expect(tensor.updates).toBeLessThanOrEqual(everyTensor(unshared)[i].updates);
        expect(tensor.fills).toBe(everyTensor(unshared)[i].fills);
      });
    });
  });

  test('on a network: as many hops as words, times how many share one', () => {
    holds((_, cost) => {
      for (const { hops, distinct, multicast } of cost.networks.flatMap((network) => network.tensors)) {
        expect(multicast * distinct).toBeCloseTo(distinct === 0 ? 0 : hops, 6);
      }
    });
  });
});

describe('the nest', () => {
  test('moves a tensor alike whichever way two loops go that it does not depend on', () => {
    let swaps = 0;
    holds(({ arch, einsum, mapping }, cost) => {
      for (const swapped of adjacentSwaps(mapping)) {
        const other = evaluateMapping(arch, einsum, swapped.mapping);
        einsum.tensors.forEach((tensor, t) => {
          if (swapped.dims.some((dim) => isRelevant(tensor, dim))) return;
          swaps++;
          expect(column(other, t)).toEqual(column(cost, t));
        });
      }
    });
    expect(swaps).toBeGreaterThan(100);
  });

  test('costs the same in any order of loops inside the innermost tiles', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const last = mapping.nest.findLastIndex((item) => item.kind === 'station');
      for (const swapped of adjacentSwaps(mapping).filter(({ at }) => at > last)) {
        expect(evaluateMapping(arch, einsum, swapped.mapping)).toEqual(cost);
      }
    });
  });

  test('costs the same when a loop is split in two, or one of a single iteration is added', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const nest = mapping.nest.flatMap(splitLoop);
      expect(evaluateMapping(arch, einsum, { nest })).toEqual(cost);
    });
  });

  test('costs the same with the axes of every array exchanged', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const turned = arch.nodes.map((node) =>
        node.kind === 'array' ? { ...node, x: node.y, y: node.x } : node,
      );
      const nest = mapping.nest.map((item) =>
        item.kind === 'parallel'
          ? { ...item, axis: item.axis === 'x' ? ('y' as const) : ('x' as const) }
          : item,
      );
      expect(evaluateMapping({ ...arch, nodes: turned }, einsum, { nest })).toEqual(cost);
    });
  });

  test('moves the same words when a tensor is mirrored', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const mirrored = einsum.tensors.map((tensor) => ({ ...tensor, ranks: tensor.ranks.map(negated) }));
      expect(evaluateMapping(arch, { ...einsum, tensors: mirrored }, mapping)).toEqual(cost);
    });
  });

  test('holds no tile larger than the one around it', () => {
    holds((_, cost) => {
      cost.memories[0].tensors.forEach((_tensor, t) => {
        const tiles = cost.memories.map((memory) => memory.tensors[t]).filter((tensor) => tensor.kept);
        const words = tiles.map((tensor) => tensor.tileWords);
        expect(words).toEqual(words.toSorted((a, b) => b - a));
      });
    });
  });
});

describe('energy', () => {
  test('doubles with the energy of every action, and nothing else changes', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const doubled = evaluateMapping(scaled(arch, 2), einsum, mapping);
      expect(doubled.energyPj).toBe(2 * cost.energyPj);
      expect(doubled.edpJs).toBe(2 * cost.edpJs);
      expect(doubled.cycles).toBe(cost.cycles);
      expect(countsOf(doubled)).toEqual(countsOf(cost));
    });
  });

  test('of a memory is its counts times its energies, plus leakage', () => {
    holds(({ arch, einsum }, cost) => {
      cost.memories.forEach((memory, m) => {
        const dynamic = memory.tensors.map((entry, t) =>
          accessEnergy(memories(arch)[m], einsum.tensors[t], entry, memory.utilizedInstances),
        );
        expect(memory.energyPj).toBeCloseToRelative(sum(dynamic) + memory.leakPj);
      });
    });
  });

  test('of a network is its words and hops times their energies', () => {
    holds(({ arch }, cost) => {
      cost.networks.forEach(({ energyPj, tensors }, f) => {
        const { energy } = fanouts(arch)[f];
        const parts = tensors.map(
          ({ hops, distinct, spatialReductions }) =>
            hops * energy.hopPj +
            hops * energy.routerPj +
            distinct * energy.ingressPj +
            spatialReductions * energy.spatialReductionPj,
        );
        expect(energyPj).toBeCloseToRelative(sum(parts));
      });
    });
  });

  test('is the sum of its parts', () => {
    holds(({ arch, einsum }, cost) => {
      const { compute } = arch;
      const all = fanouts(arch).reduce((units, { x, y }) => units * x * y, 1);
      const leaking = compute.powerGating ? cost.utilizedUnits : all;
      expect(cost.computeEnergyPj).toBeCloseToRelative(
        macs(einsum) * compute.energyPj + compute.leakPjPerCycle * cost.cycles * leaking,
      );
      const parts = [...cost.memories, ...cost.networks].map((part) => part.energyPj);
      expect(cost.energyPj).toBeCloseToRelative(sum(parts) + cost.computeEnergyPj);
      expect(cost.edpJs).toBeCloseToRelative(cost.energyPj * 1e-12 * cost.latencySeconds);
    });
  });

  test('leaks from every instance, or from those at work where power is gated', () => {
    holds(({ arch }, cost) => {
      cost.memories.forEach((memory, m) => {
        const { energy, powerGating } = memories(arch)[m];
        const leaking = powerGating ? memory.utilizedInstances : memory.instances;
        expect(memory.leakPj).toBeCloseToRelative(energy.leakPjPerCycle * cost.cycles * leaking);
      });
    });
  });
});

describe('latency', () => {
  test('is at least that of compute and of each memory', () => {
    holds((_, cost) => {
      expect(cost.cycles).toBeGreaterThanOrEqual(cost.computeCycles);
      for (const memory of cost.memories) {
        expect(memory.cycles).toBeGreaterThanOrEqual(cost.computeCycles);
        expect(memory.cycles).toBeLessThanOrEqual(cost.cycles);
        expect(memory.utilizedInstances).toBeLessThanOrEqual(memory.instances);
      }
      expect(cost.utilization).toBeGreaterThan(0);
      expect(cost.utilization).toBeLessThanOrEqual(1);
    });
  });

  test('is the busiest port of the slowest memory, and the networks once', () => {
    holds(({ arch, einsum }, cost) => {
      const busiest = cost.memories.map((entry, m) => portCycles(memories(arch)[m], einsum, entry.tensors));
      const networks = sum(fanouts(arch).flatMap(({ latency }) => [latency.fillCycles, latency.drainCycles]));
      expect(cost.cycles).toBe(Math.max(cost.computeCycles, ...busiest) + networks);
    });
  });

  test('does not grow with bandwidth, nor do counts change', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const wide = withMemories(arch, ({ bandwidth }) => ({
        bandwidth: { ...bandwidth, shared: bandwidth.shared * 2 },
      }));
      const faster = evaluateMapping(wide, einsum, mapping);
      expect(faster.cycles).toBeLessThanOrEqual(cost.cycles);
      expect(countsOf(faster)).toEqual(countsOf(cost));
    });
  });

  test('without limits is that of compute', () => {
    holds(({ arch, einsum, mapping }, cost) => {
      const bandwidth = { read: Infinity, write: Infinity, shared: Infinity };
      const still = { latency: { fillCycles: 0, drainCycles: 0 } };
      const ideal = withFanouts(
        withMemories(arch, () => ({ bandwidth })),
        still,
      );
      expect(evaluateMapping(ideal, einsum, mapping).cycles).toBe(cost.computeCycles);
    });
  });
});

// ---------------------------------------------------------------------------------------------------------- support

declare module 'vitest' {
  interface Matchers<T> {
    /** Equal but for rounding of a few operations. */
    toBeCloseToRelative(expected: number): T;
  }
}

expect.extend({
  toBeCloseToRelative(received: number, expected: number) {
    const pass = Math.abs(received - expected) <= 1e-12 * Math.abs(expected);
    return { pass, message: () => `expected ${received} to equal ${expected} but for rounding` };
  },
});

function everyNumber(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(everyNumber) : [];
}

function everyTensor(cost: Cost): TensorCost[] {
  return cost.memories.flatMap((memory) => memory.tensors);
}

/** Everything the cost says about one tensor. */
function column(cost: Cost, t: number): unknown {
  const { memories, networks } = countsOf(cost);
  return [memories.map((row) => row[t]), networks.map((row) => row[t])];
}

/** Elements the layer reads or writes at all, gaps left out; counted for ranks that share no dimension. */
function elements(einsum: Einsum, tensor: Tensor): number {
  const dims = tensor.ranks.flat().map((term) => term.dim);
  if (new Set(dims).size < dims.length) return 1;
  return tensor.ranks.reduce((count, rank) => {
    const values = rank.reduce(
      (sums, { dim, coefficient }) =>
        new Set([...sums].flatMap((s) => range(einsum.dims[dim].bound).map((i) => s + i * coefficient))),
      new Set([0]),
    );
    return count * values.size;
  }, 1);
}

function adjacentSwaps({ nest }: Mapping): { at: number; dims: number[]; mapping: Mapping }[] {
  return nest.flatMap((item, at) => {
    const next = nest[at + 1];
    if (item.kind !== 'for' || next?.kind !== 'for' || item.dim === next.dim) return [];
    return [{ at, dims: [item.dim, next.dim], mapping: { nest: nest.with(at, next).with(at + 1, item) } }];
  });
}

/** A loop as its smallest prime factor, one iteration of nothing, and the rest. */
function splitLoop(item: NestItem): NestItem[] {
  if (item.kind === 'station') return [item];
  const first = range(item.factor + 1).find((n) => n > 1 && item.factor % n === 0) ?? 1;
  return [first, 1, item.factor / first].map((factor): Loop => ({ ...item, factor }));
}

function negated(rank: Tensor['ranks'][0]): Tensor['ranks'][0] {
  return rank.map(({ dim, coefficient }) => ({ dim, coefficient: -coefficient }));
}

function withFanouts(arch: Architecture, changes: object): Architecture {
  const nodes = arch.nodes.map((node) => (node.kind === 'array' ? { ...node, ...changes } : node));
  return { ...arch, nodes };
}

function withMemories(arch: Architecture, changes: (memory: Memory) => Partial<Memory>): Architecture {
  const nodes = arch.nodes.map((node) => (node.kind === 'memory' ? { ...node, ...changes(node) } : node));
  return { ...arch, nodes };
}

function scaled(arch: Architecture, factor: number): Architecture {
  const scale = <T extends object>(energy: T): T =>
    Object.fromEntries(Object.entries(energy).map(([name, pj]) => [name, (pj as number) * factor])) as T;
  const { energyPj, leakPjPerCycle } = arch.compute;
  return {
    ...arch,
    nodes: arch.nodes.map((node) =>
      node.kind === 'memory'
        ? { ...node, energy: scale(node.energy) }
        : { ...node, energy: scale(node.energy) },
    ),
    compute: { ...arch.compute, ...scale({ energyPj, leakPjPerCycle }) },
  };
}

function accessEnergy(memory: Memory, tensor: Tensor, cost: TensorCost, instances: number): number {
  const { reads, fills, updates, addressGenerations, temporalReductions } = cost.perInstance;
  const vectors = (count: number) => Math.ceil((count * wordsPerElement(memory, tensor)) / memory.blockSize);
  const one = [
    vectors(reads) * memory.energy.readPj,
    vectors(fills) * memory.energy.fillPj,
    vectors(updates) * memory.energy.updatePj,
    addressGenerations * memory.energy.addressGenerationPj,
    temporalReductions * memory.energy.temporalReductionPj,
  ];
  return sum(one) * instances;
}

function portCycles(memory: Memory, einsum: Einsum, tensors: readonly TensorCost[]): number {
  const words = (count: (tensor: TensorCost) => number) =>
    sum(tensors.map((entry, t) => count(entry) * wordsPerElement(memory, einsum.tensors[t])));
  const out = words(({ perInstance }) => perInstance.reads);
  const into = words(({ perInstance }) => perInstance.fills + perInstance.updates);
  const { read, write, shared } = memory.bandwidth;
  return Math.ceil(Math.max(out / read, into / write, (out + into) / shared));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
