/** Writes a mapping in the form `readMapping` reads. */
import { Document, isScalar, visit } from 'yaml';
import type { Architecture } from '../arch/architecture.ts';
import { fanouts, memories } from '../arch/architecture.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { MappingFile, NestEntry } from './file.ts';
import type { Loop, Mapping, NestItem, SpatialLoop, TemporalLoop } from './mapping.ts';

/** The mapping as a plain object: a `dse.mapping/1` file's content. */
export function mappingToJson(mapping: Mapping, arch: Architecture, einsum: Einsum): MappingFile {
  const nest = groups(mapping.nest).map((group) => entry(group, arch, einsum));
  return { schema: 'dse.mapping/1', nest };
}

/** The mapping as the text of a `dse.mapping/1` file. */
export function mappingToYaml(mapping: Mapping, arch: Architecture, einsum: Einsum): string {
  const document = new Document(mappingToJson(mapping, arch, einsum));
  visit(document, {
    Seq: (_, list) => {
      if (list.items.every(isScalar)) list.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Nest items that one entry of the file stands for: a station alone, or successive loops of one kind. */
function groups(nest: readonly NestItem[]): NestItem[][] {
  const result: NestItem[][] = [];
  for (const item of nest) {
    const last = result.at(-1);
    if (last && joins(last, item)) last.push(item);
    else result.push([item]);
  }
  return result;
}

/** An entry holds one array's loops, first all of one axis, then all of the other. */
function joins(group: readonly NestItem[], item: NestItem): boolean {
  const [first] = group;
  const last = group[group.length - 1];
  if (item.kind !== 'parallel' || first.kind !== 'parallel' || last.kind !== 'parallel') {
    return item.kind === 'for' && first.kind === 'for';
  }
  return first.fanout === item.fanout && (last.axis === item.axis || first.axis === last.axis);
}

function entry(group: readonly NestItem[], arch: Architecture, einsum: Einsum): NestEntry {
  const [first] = group;
  if (first.kind === 'station') {
    const keep = first.tensors.map((t) => einsum.tensors[t].name);
    return { memory: memories(arch)[first.memory].name, keep };
  }
  if (first.kind === 'for') return { for: loopText(group as TemporalLoop[], einsum) };
  const loops = group as SpatialLoop[];
  const axes = [...new Set(loops.map((loop) => loop.axis))].map((axis) => {
    const onAxis = loops.filter((loop) => loop.axis === axis);
    return [axis, loopText(onAxis, einsum)];
  });
  return { array: fanouts(arch)[first.fanout].name, ...Object.fromEntries(axes) };
}

function loopText(loops: readonly Loop[], einsum: Einsum): string {
  return loops.map(({ dim, factor }) => `${einsum.dims[dim].name}=${factor}`).join(' ');
}
