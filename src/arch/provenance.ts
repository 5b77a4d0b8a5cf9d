/** Where each energy, leakage and area of an architecture comes from, as text: its file, or the library and its source. */
import { componentSource, describeRequest } from '../energy/estimate.ts';
import type { Architecture, LibraryUse } from './architecture.ts';

type Row = readonly [node: string, fields: string, origin: string];

/**
 * A list such as
 *
 *     numbers
 *       GLB  read, fill, update, leak, area  library: sram, 64 bit wide, 65 nm
 *       MAC  energy                          file
 *
 *     library
 *       sram  fit to CACTI 7 and …
 *
 * Fields that are zero and not of the library are left out.
 */
export function drawProvenance(arch: Architecture): string {
  const parts = [...arch.nodes, arch.compute];
  const uses = parts.flatMap((part): readonly LibraryUse[] => part.estimates ?? []);
  if (uses.length === 0) return `numbers: all from the file of ${arch.name}`;
  const rows = parts.flatMap((part): Row[] => [
    ...(part.estimates ?? [])
      .filter(({ fields }) => fields.length > 0)
      .map((use) => libraryRow(part.name, use)),
    ...fileRow(part.name, nonZero(part), part.estimates ?? []),
  ]);
  const sources = new Map(
    uses.map(({ request }) => [
      request.component === 'dram' ? `dram, ${request.kind}` : request.component,
      componentSource(request),
    ]),
  );
  return ['numbers', ...aligned(rows), '', 'library', ...aligned([...sources])].join('\n');
}

function libraryRow(node: string, { request, fields }: LibraryUse): Row {
  return [node, fields.join(', '), `library: ${describeRequest(request)}`];
}

function fileRow(node: string, fields: readonly string[], library: readonly LibraryUse[]): Row[] {
  const own = fields.filter((field) => !library.some((use) => use.fields.includes(field)));
  return own.length === 0 ? [] : [[node, own.join(', '), 'file']];
}

function nonZero(part: Architecture['nodes'][number] | Architecture['compute']): string[] {
  return Object.entries(numbers(part))
    .filter(([, value]) => value !== 0)
    .map(([field]) => field);
}

function numbers(part: Architecture['nodes'][number] | Architecture['compute']): Record<string, number> {
  if (!('kind' in part)) {
    return { energy: part.energyPj, leak: part.leakPjPerCycle, area: part.areaUm2 };
  }
  if (part.kind === 'array') {
    const { hopPj, routerPj, ingressPj, spatialReductionPj } = part.energy;
    const energies = { hop: hopPj, router: routerPj, ingress: ingressPj };
    return { ...energies, spatial_reduction: spatialReductionPj, area: part.areaUm2 };
  }
  const { readPj, fillPj, updatePj, leakPjPerCycle, addressGenerationPj, temporalReductionPj } = part.energy;
  return {
    read: readPj,
    fill: fillPj,
    update: updatePj,
    leak: leakPjPerCycle,
    area: part.areaUm2,
    address_generation: addressGenerationPj,
    temporal_reduction: temporalReductionPj,
  };
}

/** Columns two spaces apart, the last one ragged; a name that repeats is written once. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => (column === 0 && rows[index - 1]?.[0] === cell ? '' : cell));
    return `  ${cells.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd();
  });
}
