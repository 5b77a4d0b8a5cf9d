/** One component of an architecture file, whatever the dialect, and what its attributes mean. */
import { closest } from '../spec/suggest.ts';
import { builtInMultiplier } from '../model/timeloop/pat.ts';
import type { Arithmetic, Mesh, Network, StorageLevel } from './spec.ts';
import type { Cursor, Scope } from './tree.ts';

/** A component with its place in the hierarchy. */
export interface Component {
  readonly name: string;
  readonly className: string;
  /** Attributes of the component and, where it has none of its own, of what contains it. */
  readonly attributes: Attributes;
  /** Copies the names (`PE[0..15]`) say there are; 0 if they say nothing. */
  readonly copies: number;
  /** Copies along X and Y from the containers around it; absent in dialects where only attributes say so. */
  readonly mesh?: { readonly x: number; readonly y: number };
  /** Whether a level that says nothing can add partial sums; absent: all but DRAM can. */
  readonly reducesByDefault?: boolean;
  /** A level that spreads data and stores none. */
  readonly fanOutOnly?: boolean;
  readonly at: Cursor;
}

/** Attributes by name, innermost first: a component's own, then its containers'. */
export class Attributes {
  readonly #layers: readonly Cursor[];
  readonly scope: Scope;

  constructor(layers: readonly Cursor[], scope: Scope) {
    this.#layers = layers;
    this.scope = scope;
  }

  /** First attribute of the names that is given; `null` counts as not given. */
  find(...names: readonly string[]): Cursor | undefined {
    for (const layer of this.#layers) {
      for (const name of names) {
        const at = layer.get(name);
        if (at) return at;
      }
    }
    return undefined;
  }

  positiveInteger(what: string, ...names: readonly string[]): number | undefined {
    return this.find(...names)?.integer(what, 1, this.scope);
  }

  notNegative(what: string, ...names: readonly string[]): number | undefined {
    return this.find(...names)?.notNegative(what, this.scope);
  }

  own(): Cursor | undefined {
    return this.#layers[0];
  }
}

/** Words in a class name that make a component a storage level, arithmetic or a network. */
const STORAGE = ['DRAM', 'SRAM', 'regfile', 'smartbuffer', 'storage'];
const COMPUTE = ['mac', 'intmac', 'fpmac', 'compute'];
const NETWORK = ['XY_NoC', 'Legacy', 'ReductionTree', 'SimpleMulticast', 'Network'];

export type Kind = 'storage' | 'compute' | 'network' | 'other';

export function kindOf(className: string): Kind {
  const holds = (words: readonly string[]): boolean => words.some((word) => className.includes(word));
  if (holds(STORAGE)) return 'storage';
  if (holds(COMPUTE)) return 'compute';
  return holds(NETWORK) ? 'network' : 'other';
}

/** Attributes that change what the model computes. */
const EFFECTIVE = [
  'word_bits', 'word_width', 'datawidth', 'block_size', 'n_words', 'cluster_size', 'width', 'memory_width',
  'data_storage_width', 'entries', 'depth', 'memory_depth', 'data_storage_depth', 'sizeKB', 'technology',
  'bandwidth', 'read_bandwidth', 'write_bandwidth', 'shared_bandwidth', 'multiple_buffering', 'min_utilization',
  'instances', 'meshX', 'meshY', 'reduction_supported', 'vector_access_energy', 'addr_gen_energy', 'cluster_area',
  'network_word_bits', 'energy_per_hop', 'router_energy', 'wire_energy', 'tile_width', 'network_fill_latency',
  'network_drain_latency', 'fill_latency', 'drain_latency', 'has_power_gating', 'power_gated_at', 'energy', 'area',
  'per_dataspace_bandwidth_consumption_scale',
]; // prettier-ignore
/** Attributes that Timeloop or Accelergy reads and this model has no use for. */
const WITHOUT_EFFECT = [
  'version', 'name', 'class', 'subclass', 'attributes', 'type', 'global_cycle_seconds', 'n_banks', 'num_banks',
  'n_ports', 'num_ports', 'nports', 'n_rw_ports', 'n_rdwr_ports', 'n_rd_ports', 'n_wr_ports', 'allow_overbooking',
  'network_type', 'latency', 'action_latency_cycles', 'update_fifo_depth', 'n_bits', 'precision', 'voltage',
]; // prettier-ignore
/** Attributes of features that are not modelled: they would change the result. */
const UNSUPPORTED = [
  'network_read', 'network_fill', 'network_drain', 'network_update', 'network_operand', 'network_result',
]; // prettier-ignore

/** A misspelt attribute that would have had an effect is a mistake; any other may concern an energy estimator. */
export function checkAttributes(component: Component, known: readonly string[]): void {
  const own = component.attributes.own();
  for (const key of own?.isMapping() ? own.keys() : []) {
    const at = own?.get(key);
    if (!at || EFFECTIVE.includes(key) || WITHOUT_EFFECT.includes(key) || known.includes(key)) continue;
    if (UNSUPPORTED.includes(key)) {
      at.fail(`'${key}': networks that several levels share are not modelled`, { part: 'key' });
    }
    const near = closest(key, EFFECTIVE);
    const details = { part: 'key', suggestion: near && `did you mean '${near}'?` } as const;
    if (near) own?.findings.unknown(at.diagnostic(`unknown attribute '${key.slice(0, 40)}'`, details));
    else at.warn(`attribute '${key.slice(0, 40)}' has no effect here`, { part: 'key' });
  }
}

export function storageLevel(component: Component): StorageLevel {
  if (component.fanOutOnly) return fanOutLevel(component);
  const { attributes, className, at } = component;
  const widths = wordLayout(component);
  const technology = isDram(component) ? 'DRAM' : 'SRAM';
  if (technology === 'DRAM' && widths.clusterSize !== 1)
    at.fail(`${component.name}: a DRAM must have cluster_size 1`);
  const size = capacity(component, widths.wordBits, widths.blockSize);
  const minUtilization = attributes.notNegative('min_utilization', 'min_utilization') ?? 0;
  if (minUtilization > 0 && size === undefined) at.fail(`${component.name}: min_utilization needs a size`);
  const total = attributes.notNegative('bandwidth', 'bandwidth');
  return {
    name: component.name,
    className,
    technology,
    size,
    ...widths,
    ...mesh(component),
    multipleBuffering:
      attributes.find('multiple_buffering')?.positive('multiple_buffering', attributes.scope) ?? 1,
    minUtilization,
    readBandwidth:
      attributes.find('read_bandwidth')?.positive('read_bandwidth', attributes.scope) ?? half(total),
    writeBandwidth:
      attributes.find('write_bandwidth')?.positive('write_bandwidth', attributes.scope) ?? half(total),
    sharedBandwidth: attributes.find('shared_bandwidth')?.positive('shared_bandwidth', attributes.scope),
    bandwidthScale: bandwidthScale(attributes),
    reductionSupported:
      attributes.find('reduction_supported')?.flag("'reduction_supported': yes or no") ??
      component.reducesByDefault ??
      technology !== 'DRAM',
    vectorAccessEnergy: attributes.notNegative('vector_access_energy', 'vector_access_energy'),
    addressGenerationEnergy: addressEnergy(attributes),
    actions: {},
    area: (attributes.notNegative('cluster_area', 'cluster_area') ?? 0) / widths.clusterSize,
    powerGating: {
      enabled: attributes.find('has_power_gating')?.flag("'has_power_gating': true or false") ?? false,
      at: attributes.find('power_gated_at')?.text('the name of a level'),
    },
    network: network(attributes, widths.wordBits),
    position: at.document.position(at.path),
  };
}

/** One bit of storage, as the front end writes it: room for nothing. */
function fanOutLevel(component: Component): StorageLevel {
  return {
    name: component.name,
    className: component.className,
    technology: 'SRAM',
    size: 1,
    wordBits: 1,
    blockSize: 1,
    clusterSize: 1,
    multipleBuffering: 1,
    minUtilization: 0,
    ...mesh(component),
    bandwidthScale: {},
    reductionSupported: true,
    addressGenerationEnergy: 0,
    actions: {},
    area: 0,
    powerGating: { enabled: false },
    network: { wordBits: 1, routerEnergy: 0, wireEnergy: 0, fillLatency: 0, drainLatency: 0 },
    position: component.at.document.position(component.at.path),
  };
}

function half(bandwidth: number | undefined): number | undefined {
  return bandwidth === undefined ? undefined : bandwidth / 2;
}

/** Below zero asks for Timeloop's built-in adder, which costs nothing. */
function addressEnergy(attributes: Attributes): number {
  return Math.max(0, attributes.find('addr_gen_energy')?.number('addr_gen_energy', attributes.scope) ?? 0);
}

function bandwidthScale(attributes: Attributes): Record<string, number> {
  const at = attributes.find('per_dataspace_bandwidth_consumption_scale');
  if (!at) return {};
  at.mapping('a scale for each data space');
  return Object.fromEntries(
    at.keys().map((name) => [name, at.need(name).positive('a scale', attributes.scope)]),
  );
}

interface WordLayout {
  readonly wordBits: number;
  readonly blockSize: number;
  readonly clusterSize: number;
}

const DEFAULT_WORD_BITS = 16;

/** A row of `width` bits holds `blockSize` words of each of `clusterSize` instances. */
function wordLayout({ attributes, name }: Component): WordLayout {
  const wordBits =
    attributes.positiveInteger('a width in bits', 'word_bits', 'word_width', 'datawidth') ??
    DEFAULT_WORD_BITS;
  const block = attributes.positiveInteger('block_size', 'block_size', 'n_words');
  const cluster = attributes.positiveInteger('cluster_size', 'cluster_size');
  const at = attributes.find('width', 'memory_width', 'data_storage_width');
  if (!at) return { wordBits, blockSize: block ?? 1, clusterSize: cluster ?? 1 };
  const width = at.integer('a width in bits', 1, attributes.scope);
  const words = width / wordBits;
  const blockSize = block ?? words / (cluster ?? 1);
  const clusterSize = cluster ?? words / blockSize;
  if (Number.isInteger(blockSize) && Number.isInteger(clusterSize) && blockSize * clusterSize === words) {
    return { wordBits, blockSize, clusterSize };
  }
  const shape = [
    `words of ${wordBits} bits`,
    block && `blocks of ${block}`,
    cluster && `clusters of ${cluster}`,
  ];
  return at.fail(
    `${name}: a width of ${width} bits does not hold ${shape.filter(Boolean).join(', ')} exactly`,
  );
}

function capacity({ attributes, name }: Component, wordBits: number, blockSize: number): number | undefined {
  const given = ([['entries'], ['depth', 'memory_depth', 'data_storage_depth'], ['sizeKB']] as const)
    .map((names) => attributes.find(...names))
    .filter((at) => at !== undefined);
  if (given.length > 1) given[1].fail(`${name}: the size is given twice`, { part: 'key' });
  const entries = attributes.find('entries')?.integer('entries', 0, attributes.scope);
  if (entries !== undefined) return entries;
  const depth = attributes
    .find('depth', 'memory_depth', 'data_storage_depth')
    ?.integer('depth', 0, attributes.scope);
  if (depth !== undefined) return depth * blockSize;
  const kilobytes = attributes.find('sizeKB')?.integer('sizeKB', 0, attributes.scope);
  return kilobytes === undefined ? undefined : Math.floor((kilobytes * 1024 * 8) / wordBits);
}

function isDram({ attributes, className }: Component): boolean {
  return className.includes('DRAM') || attributes.find('technology')?.value === 'DRAM';
}

function network(attributes: Attributes, wordBits: number): Network {
  return {
    wordBits: attributes.positiveInteger('network_word_bits', 'network_word_bits') ?? wordBits,
    energyPerHop: attributes.notNegative('energy_per_hop', 'energy_per_hop'),
    routerEnergy: attributes.notNegative('router_energy', 'router_energy') ?? 0,
    wireEnergy: attributes.notNegative('wire_energy', 'wire_energy') ?? 0,
    tileWidth: attributes.notNegative('tile_width', 'tile_width'),
    fillLatency:
      attributes.find('network_fill_latency')?.integer('network_fill_latency', 0, attributes.scope) ?? 0,
    drainLatency:
      attributes.find('network_drain_latency')?.integer('network_drain_latency', 0, attributes.scope) ?? 0,
  };
}

export function arithmetic(component: Component): Arithmetic {
  const { attributes, name, className, at } = component;
  const wordBits =
    attributes.positiveInteger('a width in bits', 'word_bits', 'datawidth') ?? DEFAULT_WORD_BITS;
  return {
    name,
    className,
    ...mesh(component),
    wordBits,
    energy: attributes.notNegative('energy', 'energy') ?? builtInMultiplier(wordBits),
    actions: {},
    area: attributes.notNegative('area', 'area') ?? 0,
    position: at.document.position(at.path),
  };
}

/** Copies of a component from what its attributes, names and containers say. */
function mesh({ attributes, copies, mesh: around, name, at }: Component): Mesh {
  const x = attributes.positiveInteger('meshX', 'meshX') ?? around?.x;
  const y = attributes.positiveInteger('meshY', 'meshY') ?? around?.y;
  const named = around ? around.x * around.y : copies;
  const instances =
    attributes.positiveInteger('instances', 'instances') ?? (named > 0 ? named : product(x, y));
  if (instances === undefined) return at.fail(`${name}: 'instances', or both meshX and meshY, are needed`);
  const meshX = x ?? (y === undefined ? instances : instances / y);
  const meshY = y ?? instances / meshX;
  if (Number.isInteger(meshX) && Number.isInteger(meshY) && meshX * meshY === instances) {
    return { instances, meshX, meshY };
  }
  const given = [x && `meshX ${x}`, y && `meshY ${y}`].filter(Boolean).join(' and ');
  const place = attributes.find('meshX', 'meshY') ?? at;
  return place.fail(`${name}: ${instances} instances do not divide into ${given}`);
}

function product(x: number | undefined, y: number | undefined): number | undefined {
  return x === undefined || y === undefined ? undefined : x * y;
}
