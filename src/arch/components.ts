/** Which components of the library the entries of a file ask for; a mistake in the asking is reported with its place. */
import type { ComponentRequest, RequestProblem } from '../energy/request.ts';
import { requestProblem } from '../energy/request.ts';
import type { TechnologyNm } from '../energy/technology.ts';
import type { Path } from '../spec/document.ts';
import type { Compute, Fanout, LibraryUse, Memory, MemoryField } from './architecture.ts';
import { accessSize } from './library.ts';
import type { HierarchyEntry } from './schema.ts';

export type MemoryEntry = Extract<HierarchyEntry, { memory: string }>;
export type ArrayEntry = Extract<HierarchyEntry, { array: string }>;
export type ComputeEntry = Extract<HierarchyEntry, { compute: string }>;

export type Report = (path: Path, problem: Omit<RequestProblem, 'key'>) => void;

/** The file's technology, and where mistakes go. */
export interface LibraryContext {
  readonly technology: TechnologyNm | undefined;
  readonly report: Report;
}

/** What the library is to fill in for a memory: what its entry does not give. */
export function memoryUses(
  entry: MemoryEntry,
  memory: Memory,
  path: Path,
  context: LibraryContext,
): NonNullable<Memory['estimates']> {
  strayMemoryKeys(entry, path, context.report);
  const { component, energy = {}, area } = entry;
  const given: Readonly<Record<Exclude<MemoryField, 'temporal_reduction'>, unknown>> = {
    read: energy.read,
    fill: energy.fill ?? energy.write,
    update: energy.update ?? energy.write,
    leak: energy.leak,
    area,
  };
  const technologyNm = entry.technology ?? context.technology;
  const sum = energy.temporal_reduction;
  return [
    ...asked(component && memoryRequest(entry, memory, technologyNm), absent(given), path, entry, context),
    ...asked(
      isAdder(sum) && { component: 'adder', type: sum.adder, technologyNm },
      ['temporal_reduction' as const],
      [...path, 'energy', 'temporal_reduction'],
      entry,
      context,
    ),
  ];
}

/** What the library is to fill in for an array: a wire without its energy, an adder. */
export function arrayUses(
  entry: ArrayEntry,
  wordBits: number,
  path: Path,
  context: LibraryContext,
): NonNullable<Fanout['estimates']> {
  const { hop, spatial_reduction: sum } = entry.energy ?? {};
  const technologyNm = entry.technology ?? context.technology;
  return [
    ...asked(
      isBareWire(hop) && {
        component: 'wire',
        lengthMm: hop.length.value,
        widthBits: wordBits,
        technologyNm,
      },
      ['hop' as const],
      [...path, 'energy', 'hop'],
      entry,
      context,
    ),
    ...asked(
      isAdder(sum) && { component: 'adder', type: sum.adder, technologyNm },
      ['spatial_reduction' as const],
      [...path, 'energy', 'spatial_reduction'],
      entry,
      context,
    ),
  ];
}

/** What the library is to fill in for the compute unit. */
export function computeUses(
  entry: ComputeEntry,
  path: Path,
  context: LibraryContext,
): NonNullable<Compute['estimates']> {
  const { component, type, energy, leak, area } = entry;
  if (type && !component) stray('type', "'component: mac'", path, context.report);
  if (component && !type) {
    context.report([...path, 'component'], {
      message: `component '${component}' has no type`,
      expected: "'type: int8' or the like beside it",
    });
    return [];
  }
  const technologyNm = entry.technology ?? context.technology;
  return asked(
    component && { component, type, technologyNm },
    absent({ energy, leak, area }),
    path,
    entry,
    context,
  );
}

/** A request that may still lack what the file does not say. */
type Draft = { readonly component: ComponentRequest['component'] } & Readonly<Record<string, unknown>>;

function asked<Field extends string>(
  draft: Draft | false | undefined,
  fields: readonly Field[],
  path: Path,
  entry: MemoryEntry | ArrayEntry | ComputeEntry,
  { report }: LibraryContext,
): LibraryUse<Field>[] {
  if (!draft) return [];
  if ('technologyNm' in draft && draft.technologyNm === undefined) {
    const message = `the library's ${draft.component} needs a technology`;
    report(path, { message, expected: "'technology: 45 nm' or the like here, or at the top of the file" });
    return [];
  }
  const request = draft as unknown as ComponentRequest;
  const problem = requestProblem(request);
  if (!problem) return [{ request, fields }];
  const { key, ...details } = problem;
  report([...path, fileKey(key, entry)], details);
  return [];
}

/** The key of the file that a key of a request is read from. */
function fileKey(key: string, entry: MemoryEntry | ArrayEntry | ComputeEntry): string {
  if (key === 'sizeBits') return 'size';
  if (key !== 'widthBits') return key;
  return Object.hasOwn(entry, 'block') ? 'block' : 'word';
}

function memoryRequest(entry: MemoryEntry, memory: Memory, technologyNm: TechnologyNm | undefined): Draft {
  const { component, kind, banks, ports, cells } = entry;
  const { sizeBits, widthBits } = accessSize(memory);
  if (component === 'dram') return { component, kind, widthBits };
  return {
    component: component ?? 'sram',
    technologyNm,
    sizeBits,
    widthBits,
    ...defined({ banks, ports, cells }),
  };
}

/** Which component each key says something about. */
const OWNERS = {
  banks: ['sram'],
  ports: ['sram'],
  cells: ['sram', 'regfile'],
  kind: ['dram'],
} as const;

function strayMemoryKeys(entry: MemoryEntry, path: Path, report: Report): void {
  for (const key of ['banks', 'ports', 'cells', 'kind'] as const) {
    const owners: readonly string[] = OWNERS[key];
    if (entry[key] === undefined || owners.includes(entry.component ?? '')) continue;
    stray(key, owners.map((owner) => `'component: ${owner}'`).join(' or '), path, report);
  }
}

function stray(key: string, owner: string, path: Path, report: Report): void {
  report([...path, key], { message: `'${key}' has no meaning here`, expected: `${owner} beside it` });
}

function absent<Field extends string>(given: Readonly<Record<Field, unknown>>): Field[] {
  return (Object.keys(given) as Field[]).filter((field) => given[field] === undefined);
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

type ArrayEnergy = NonNullable<ArrayEntry['energy']>;

export function isAdder(
  sum: ArrayEnergy['spatial_reduction'],
): sum is Extract<ArrayEnergy['spatial_reduction'], { adder: unknown }> {
  return sum !== undefined && 'adder' in sum;
}

function isBareWire(hop: ArrayEnergy['hop']): hop is Extract<ArrayEnergy['hop'], { length: unknown }> {
  return hop !== undefined && 'length' in hop && hop.energy === undefined;
}
