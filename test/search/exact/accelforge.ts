/**
 * Reads AccelForge's machines, workloads, results and printed mappings as ours. Only what such files hold: memories
 * of 8-bit words without limits on bandwidth, containers with spatial axes, one Einsum.
 */
import { Template } from '@huggingface/jinja';
import { parse } from 'yaml';
import type { Architecture, Fanout, Memory, Node } from '../../../src/arch/architecture.ts';
import { fanouts, memories } from '../../../src/arch/architecture.ts';
import type { Mapping, NestItem } from '../../../src/mapping/mapping.ts';
import { evaluate } from '../../../src/spec/expression.ts';
import { plainArray } from '../../../src/arch/plain.ts';
import type { Einsum } from '../../../src/workload/einsum.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';

/** Variables of the templates. */
export type Arguments = Readonly<Record<string, number | string>>;

/** One line of a result file: what was asked, the points found and how they map. */
export interface Run {
  readonly machine: string;
  readonly workload: string;
  readonly args: Arguments;
  /** `ENERGY` or `ENERGY|LATENCY`. */
  readonly metrics: string;
  readonly points: readonly { readonly energyPj: number; readonly cycles?: number }[];
  /** One per point, as printed. */
  readonly mappings: readonly string[];
}

const WORD_BITS = 8;

export function readRuns(text: string): Run[] {
  const runs: { run: RawRun; mappings: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('{')) runs.push({ run: JSON.parse(line) as RawRun, mappings: [] });
    const mapping = /^MAPPING \d+ (.*)$/.exec(line);
    if (mapping) runs.at(-1)?.mappings.push(mapping[1]);
  }
  return runs.map(({ run, mappings }) => ({
    machine: run.arch,
    workload: run.wl,
    args: run.args,
    metrics: run.metrics,
    points: run.points.map((point) => ({
      energyPj: point['Total<SEP>energy'],
      cycles: point['Total<SEP>latency'],
    })),
    mappings,
  }));
}

interface RawRun {
  readonly arch: string;
  readonly wl: string;
  readonly args: Arguments;
  readonly metrics: string;
  readonly points: readonly { 'Total<SEP>energy': number; 'Total<SEP>latency'?: number }[];
}

interface RawAction {
  readonly name: string;
  readonly bits_per_action?: number;
  readonly energy: number | string;
  readonly throughput?: number | string;
}

interface RawNode {
  readonly tag: string;
  readonly name: string;
  readonly size?: number | string;
  readonly leak_power?: number | string;
  readonly tensors?: { readonly keep?: string; readonly may_keep?: string };
  readonly actions?: readonly RawAction[];
  readonly spatial?: readonly { readonly name: string; readonly fanout: number | string }[];
}

/** The machine; `drain_reads` makes our model count as AccelForge does. */
export function readMachine(text: string, name: string, args: Arguments): Architecture {
  const raw = nodesOf(new Template(text).render({ ...args }));
  const compute = raw.find(({ tag }) => tag === '!Compute');
  const nodes = raw.flatMap((node, i): Node[] => {
    const own = node.tag === '!Memory' ? [memory(node, i === 0)] : [];
    return node.spatial === undefined ? own : [...own, array(node)];
  });
  if (!compute || raw.some(({ leak_power: leak = 0 }) => number(leak) !== 0))
    throw new Error(`${name}: no compute unit, or leakage`);
  const action = actionOf(compute, 'compute');
  if (number(action.throughput ?? 1) !== 1) throw new Error(`${name}: not one operation a cycle`);
  return {
    name,
    description: '',
    clockHz: 1e9,
    nodes,
    compute: {
      name: compute.name,
      energyPj: number(action.energy),
      leakPjPerCycle: 0,
      powerGating: false,
      areaUm2: 0,
    },
  };
}

/** The nodes with their YAML tags. */
function nodesOf(text: string): RawNode[] {
  const tagged = text.replace(/^(\s*)- (!\w+)$/gm, '$1- tag: "$2"');
  const { arch } = parse(tagged.replace(/^(\s*)- tag: "(!\w+)"\n\s*/gm, '$1- tag: "$2"\n$1  ')) as {
    arch: { nodes: RawNode[] };
  };
  return arch.nodes;
}

function number(value: number | string): number {
  return value === 'inf' || value === '.inf' ? Infinity : evaluate(String(value));
}

function actionOf(node: RawNode, name: string): RawAction {
  const found = node.actions?.find((action) => action.name === name);
  if (!found) throw new Error(`${node.name} has no action ${name}`);
  return found;
}

function memory(node: RawNode, outermost: boolean): Memory {
  const energy = (name: string): number => {
    const { energy: perAction, bits_per_action: bits = 1, throughput = 'inf' } = actionOf(node, name);
    if (number(throughput) !== Infinity) throw new Error(`${node.name}: limited throughput`);
    return (number(perAction) * WORD_BITS) / bits;
  };
  return {
    kind: 'memory',
    name: node.name,
    words: Math.floor(number(node.size ?? 'inf') / WORD_BITS),
    wordBits: WORD_BITS,
    blockSize: 1,
    multipleBuffering: 1,
    minUtilization: 0,
    keep: outermost ? ['all'] : selector(node.tensors?.keep ?? ''),
    mayKeep: outermost ? [] : selector(node.tensors?.may_keep ?? ''),
    datawidthBits: {},
    energy: {
      readPj: energy('read'),
      fillPj: energy('write'),
      updatePj: energy('write'),
      leakPjPerCycle: 0,
      addressGenerationPj: 0,
      temporalReductionPj: 0,
    },
    bandwidth: { read: Infinity, write: Infinity, shared: Infinity },
    drainReads: true,
    rmwFirstUpdate: false,
    powerGating: false,
    areaUm2: 0,
  };
}

/** Sets that one unfused Einsum can name: no tensor is an intermediate one. */
const SETS: Readonly<Record<string, readonly string[]>> = {
  All: ['all'],
  '~Intermediates': ['all'],
  Inputs: ['inputs', 'weights'],
  '~Outputs': ['inputs', 'weights'],
  '~output': ['inputs', 'weights'],
  input: ['inputs'],
  weight: ['weights'],
  Outputs: ['outputs'],
  output: ['outputs'],
  Nothing: [],
  Intermediates: [],
  '~All': [],
};

function selector(text: string): string[] {
  return text
    .split('|')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .flatMap((word) => {
      if (!(word in SETS)) throw new Error(`unknown set of tensors '${word}'`);
      return SETS[word];
    });
}

function array({ name, spatial = [] }: RawNode): Fanout {
  if (spatial.length > 2) throw new Error(`${name} has more than two axes`);
  const [x = 1, y = 1] = spatial.map(({ fanout }) => number(fanout));
  // A tile inside is fetched anew in every step outside, also where none of its dimensions moves.
  return plainArray(name, x, y, { temporalReuse: false });
}

/** The only Einsum of a workload: `Z[m, n] = A[m, k] * B[k, n]`, bounds from `0 <= m < M`. */
export function readLayer(text: string, args: Arguments): Einsum {
  const { workload } = parse(new Template(text).render({ ...args })) as {
    workload: { einsums: { einsum: string; iteration_space_shape: string[] }[] };
  };
  const [{ einsum, iteration_space_shape: shape }, ...others] = workload.einsums;
  if (others.length > 0) throw new Error('several Einsums');
  const bounds = shape.map((line) => {
    const [, dim, bound] = /^0 <= (\w+) < (\d+)$/.exec(line)!;
    return `${dim}=${bound}`;
  });
  // A rank may have a name of its own: `H: p + r`.
  const formula = einsum.replace(/\w+:\s*/g, '').replace(' = ', ' += ');
  return parseLayer(`einsum:${formula} | ${bounds.join(',')}`);
}

/** A printed mapping: `[B in GLB]`, `T-m in [0..8)`, `S-X-k in [0..4)`; what tiles reserve is not needed. */
export function readPrintedMapping(text: string, arch: Architecture, einsum: Einsum): Mapping {
  const nest: NestItem[] = [];
  const dimOf = (name: string): number => einsum.dims.findIndex((dim) => dim.name === name);
  for (const [, tensors, memoryName, kind, axis, dim, factor] of text.matchAll(
    /\[([\w,]+) in (\w+)\]|([TS])-(?:([XY])-)?(\w+) in \[0\.\.(\d+)\)/g,
  )) {
    if (tensors !== undefined) {
      const kept = tensors.split(',').map((name) => einsum.tensors.findIndex((t) => t.name === name));
      const index = memories(arch).findIndex((other) => other.name === memoryName);
      nest.push({ kind: 'station', memory: index, tensors: kept.toSorted((a, b) => a - b) });
    } else if (kind === 'T') nest.push({ kind: 'for', dim: dimOf(dim), factor: Number(factor) });
    else {
      if (fanouts(arch).length !== 1) throw new Error('which array a spatial loop is of');
      const loop = {
        fanout: 0,
        axis: axis === 'X' ? 'x' : 'y',
        dim: dimOf(dim),
        factor: Number(factor),
      } as const;
      nest.push({ kind: 'parallel', ...loop });
    }
  }
  return { nest };
}
