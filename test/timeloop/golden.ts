/** Timeloop's own results and how ours are compared with them. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { evaluateTimeloop } from '../../src/model/timeloop/evaluate.ts';
import type { TimeloopResult } from '../../src/model/timeloop/result.ts';
import type { TimeloopInput } from '../../src/timeloop/read.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';

export const GOLDEN = new URL('../../../shared/golden/timeloop/', import.meta.url).pathname;

export const hasGolden = existsSync(GOLDEN);
if (!hasGolden) console.warn('Timeloop golden results are absent: the tests that need them are SKIPPED');

type Numbers = readonly number[];

/** As Timeloop prints them: buffers innermost first, networks by name. */
export interface ExpectedResult {
  readonly buffers: readonly Record<string, unknown>[];
  readonly arithmetic: Readonly<Record<string, number>>;
  readonly networks: readonly Record<string, unknown>[];
}

export interface GoldenCase {
  readonly name: string;
  readonly sources: readonly { readonly file: string; readonly text: string }[];
  readonly tags: readonly string[];
  readonly error?: readonly string[];
  readonly result?: ExpectedResult;
  readonly summary?: Readonly<Record<string, unknown>>;
  readonly networksText?: readonly NetworkText[];
}

export interface NetworkText {
  readonly name: string;
  readonly dataspaces: Readonly<
    Record<string, { ingress_signature: { multicast: number; scatter: number; accesses: number }[] }>
  >;
}

export function loadCases(): GoldenCase[] {
  if (!hasGolden) return [];
  return readdirSync(`${GOLDEN}cases`)
    .toSorted()
    .map((file) => {
      const text = readFileSync(`${GOLDEN}cases/${file}`, 'utf8');
      const raw = JSON.parse(nanAsString(text));
      return {
        name: raw.name,
        sources: Object.entries(raw.inputs as Record<string, string>).map(([name, content]) => ({
          file: name,
          text: content,
        })),
        tags: raw.tags ?? [],
        error: raw.error,
        result: raw.result,
        summary: raw.summary,
        networksText: raw.networks_text,
      };
    });
}

/** The maintainers' designs; those without a mapping file give their mapping as a loop nest in text. */
export function loadMaintainers(): GoldenCase[] {
  if (!hasGolden) return [];
  return readdirSync(`${GOLDEN}maintainers`)
    .toSorted()
    .map((name) => {
      const folder = `${GOLDEN}maintainers/${name}/`;
      const files = ['input.yaml', 'map.yaml', 'ERT.yaml', 'ART.yaml'].filter((file) =>
        existsSync(folder + file),
      );
      const raw = JSON.parse(nanAsString(readFileSync(`${folder}result.json`, 'utf8')));
      const sources = files.map((file) => ({ file, text: readFileSync(folder + file, 'utf8') }));
      const nest = {
        file: 'map.txt',
        text: mappingFromText(readFileSync(`${folder}map.txt`, 'utf8'), raw.xml.buffers),
      };
      return {
        name,
        sources: files.includes('map.yaml') ? sources : [...sources, nest],
        tags: [],
        result: raw.xml,
        summary: raw.text.summary,
        networksText: raw.text.networks,
      };
    });
}

/** A mapping file from the loop nest Timeloop prints, which leaves out loops of one iteration. */
export function mappingFromText(text: string, buffers: readonly { readonly name: string }[]): string {
  const loops: { level: string; dim: string; bound: string; axis?: string }[] = [];
  const kept = new Map<string, string[]>();
  let level = '';
  for (const line of text.split('\n')) {
    const header = /^(\w+) \[(.*)\]/.exec(line);
    const loop = /for (\w) in \[0:(\d+)\)(?: \(Spatial-(\w)\))?/.exec(line);
    if (header) {
      level = header[1];
      kept.set(
        level,
        [...header[2].matchAll(/(\w+):/g)].map((match) => match[1]),
      );
    } else if (loop) loops.unshift({ level, dim: loop[1], bound: loop[2], axis: loop[3] });
  }
  const names = [...new Set([...kept.values()].flat())];
  const directives = buffers.flatMap(({ name }) => {
    const own = loops.filter((loop) => loop.level === name);
    const block = (type: string, list: typeof loops): string[] =>
      list.length === 0
        ? []
        : [
            `- {target: ${name}, type: ${type}, factors: ${list.map((loop) => loop.dim + loop.bound).join(' ')}, permutation: ${list.map((loop) => loop.dim).join('')}${type === 'spatial' ? `, split: ${list.filter((loop) => loop.axis === 'X').length}` : ''}}`,
          ];
    const bypass = names.filter((dataspace) => !kept.get(name)?.includes(dataspace));
    return [
      `- {target: ${name}, type: bypass, keep: [${kept.get(name)}], bypass: [${bypass}]}`,
      ...block(
        'spatial',
        own.filter((loop) => loop.axis !== undefined),
      ),
      ...block(
        'temporal',
        own.filter((loop) => loop.axis === undefined),
      ),
    ];
  });
  return `mapping:\n${directives.join('\n')}\n`;
}

function nanAsString(text: string): string {
  return text.replace(/\bNaN\b/g, '"NaN"');
}

export function read(golden: GoldenCase): TimeloopInput {
  return readTimeloopSources(golden.sources);
}

export function evaluate(golden: GoldenCase): { input: TimeloopInput; result: TimeloopResult } {
  const input = read(golden);
  if (!input.design || !input.problem || !input.mapping)
    throw new Error(`${golden.name}: a section is missing`);
  return { input, result: evaluateTimeloop(input.design, input.problem, input.mapping) };
}

const BUFFER_FIELDS: Readonly<Record<string, (b: TimeloopResult['buffers'][number]) => Numbers | number>> = {
  keep: (b) => b.keep.map(Number),
  partition_size: (b) => b.partitionSize,
  utilized_capacity: (b) => b.utilizedCapacity,
  utilized_instances: (b) => b.utilizedInstances,
  utilized_clusters: (b) => b.utilizedClusters,
  reads: (b) => b.reads,
  updates: (b) => b.updates,
  fills: (b) => b.fills,
  address_generations: (b) => b.addressGenerations,
  temporal_reductions: (b) => b.temporalReductions,
  shared_bandwidth: (b) => b.sharedBandwidth,
  read_bandwidth: (b) => b.readBandwidth,
  write_bandwidth: (b) => b.writeBandwidth,
  energy_per_algorithmic_access: (b) => b.energyPerAccess,
  energy_per_access: (b) => b.energyPerAccess,
  energy: (b) => b.energy,
  temporal_reduction_energy: (b) => b.temporalReductionEnergy,
  addr_gen_energy: (b) => b.addressGenerationEnergy,
  cycles: (b) => b.cycles,
  slowdown: (b) => b.slowdown,
  addr_gen_bits: (b) => b.addressGenerationBits,
};

const NETWORK_FIELDS: Readonly<Record<string, (n: TimeloopResult['networks'][number]) => Numbers>> = {
  fanout: (n) => n.fanout,
  multicast_factor: (n) => n.multicastFactor,
  link_transfers: (n) => n.linkTransfers,
  spatial_reductions: (n) => n.spatialReductions,
  link_transfer_energy: (n) => n.linkTransferEnergy,
  num_hops: (n) => n.hops,
  energy_per_hop: (n) => n.energyPerHop,
  energy: (n) => n.energy,
  spatial_reduction_energy: (n) => n.spatialReductionEnergy,
};

/** Every field that differs, with both values. */
export function differences(golden: GoldenCase, result: TimeloopResult): string[] {
  const { result: expected, summary = {}, networksText = [] } = golden;
  if (!expected) return ['no expected result'];
  const found: string[] = [];
  const compare = (where: string, ours: Numbers | number, theirs: unknown): void => {
    const a = typeof ours === 'number' ? [ours] : ours;
    const b = (Array.isArray(theirs) ? theirs : [theirs]).slice(0, a.length).map(Number);
    if (a.some((value, i) => !close(value, b[i]))) found.push(`${where}: ${a.join()} instead of ${b.join()}`);
  };
  expected.buffers.forEach((buffer, l) => {
    for (const [field, value] of Object.entries(BUFFER_FIELDS)) {
      compare(`${String(buffer.name)}.${field}`, value(result.buffers[l]), buffer[field]);
    }
  });
  const networks = result.networks.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expected.networks.forEach((network, n) => {
    for (const [field, value] of Object.entries(NETWORK_FIELDS)) {
      compare(`${networks[n].name}.${field}`, value(networks[n]), network[field]);
    }
  });
  const { arithmetic } = result;
  compare('arithmetic.energy', arithmetic.energy, expected.arithmetic.energy);
  compare('arithmetic.area', arithmetic.area, expected.arithmetic.area);
  compare('arithmetic.cycles', arithmetic.cycles, expected.arithmetic.cycles);
  compare(
    'arithmetic.utilized_instances',
    arithmetic.utilizedInstances,
    expected.arithmetic.utilized_instances,
  );
  compare(
    'arithmetic.avg_utilized_instances',
    arithmetic.meanInstances,
    expected.arithmetic.avg_utilized_instances,
  );
  compare('arithmetic.algorithmic_computes', arithmetic.computes, expected.arithmetic.algorithmic_computes);
  compare('arithmetic.random_computes', arithmetic.computes, expected.arithmetic.random_computes);
  for (const { name, dataspaces } of networksText) {
    const ours = result.networks.find((network) => network.name === name);
    Object.values(dataspaces).forEach(({ ingress_signature: theirs }, d) => {
      const text = (list: readonly { multicast: number; scatter: number; accesses: number }[]): string =>
        list
          .map((record) => `${record.multicast}×${record.scatter}: ${record.accesses.toFixed(2)}`)
          .toSorted()
          .join(', ');
      if (ours && text(ours.ingresses[d]) !== text(theirs)) {
        found.push(`${name} signature: ${text(ours.ingresses[d])} instead of ${text(theirs)}`);
      }
    });
  }
  compareSummary(result, summary, found);
  return found;
}

/** Timeloop rounds its summary; ours must round to the same. Its area leaves out what area tables say, so it is not compared. */
function compareSummary(
  result: TimeloopResult,
  summary: Readonly<Record<string, unknown>>,
  found: string[],
): void {
  const rounded = (where: string, ours: number, theirs: unknown, unit: number): void => {
    if (typeof theirs === 'number' && Math.abs(ours - theirs) > unit * 0.51)
      found.push(`${where}: ${ours} instead of ${theirs}`);
  };
  rounded('summary.Cycles', result.cycles, summary.Cycles, 1e-9);
  rounded('summary.Energy', result.energy / 1e6, summary.Energy, 0.01);
  rounded('summary.Utilization', result.utilization * 100, summary.Utilization, 0.01);
  const parts = (summary.fJ_per_compute ?? {}) as Record<string, number>;
  const energies = new Map([
    [result.arithmetic.name, result.arithmetic.energy],
    ...[...result.buffers, ...result.networks].map((part): [string, number] => [part.name, part.totalEnergy]),
    ['Total', result.energy],
  ]);
  for (const [name, theirs] of Object.entries(parts)) {
    const ours = energies.get(name);
    if (ours === undefined) found.push(`summary: no ${name}`);
    else rounded(`summary.${name}`, (ours / result.arithmetic.computes) * 1000, theirs, 0.01);
  }
}

function close(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  return Number.isInteger(a) && Number.isInteger(b) && Math.abs(a) < 2 ** 53
    ? a === b
    : Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}
