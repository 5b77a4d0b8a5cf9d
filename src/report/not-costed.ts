/** What a network holds beside its layers: operators that no mapping is searched for, with their share of the work. */
import type { NotCosted } from '../workload/workload.ts';
import { count, percent } from './format.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

/** A row per operator. `macs` are those of all layers; a MAC and an element weigh the same in shares. */
export function renderNotCosted(
  notCosted: readonly NotCosted[],
  macs: number,
  options: TableOptions,
): string {
  const all = macs + operations(notCosted);
  const columns: Column<NotCosted>[] = [
    { header: 'not costed', align: 'left', cell: ({ operator }) => operator },
    { header: 'nodes', align: 'right', cell: ({ nodes }) => count(nodes) },
    { header: 'operations', align: 'right', cell: operationsText },
    { header: 'unit', align: 'left', cell: ({ unit }) => unit },
    { header: 'share', align: 'right', cell: (row) => percent(row.operations / all) },
  ];
  return `${renderTable(columns, notCosted, options)}\n${notCostedLine(notCosted, macs)}`;
}

/** `not costed: 1.2% of all operations, in Relu x49, Add x16 and 2 more operators`. */
export function notCostedLine(notCosted: readonly NotCosted[], macs: number): string {
  const share = operations(notCosted) / (macs + operations(notCosted));
  const named = notCosted.slice(0, SHOWN).map(({ operator, nodes }) => `${operator} x${nodes}`);
  const rest = notCosted.length - named.length;
  const more = rest > 0 ? ` and ${rest} more operator${rest === 1 ? '' : 's'}` : '';
  const unknown = notCosted.reduce((sum, row) => sum + row.unknown, 0);
  const unsized = unknown > 0 ? `; ${count(unknown)} node${unknown === 1 ? '' : 's'} of unknown size` : '';
  return `not costed: ${percent(share)} of all operations, in ${named.join(', ')}${more}${unsized}`;
}

const SHOWN = 4;

function operations(notCosted: readonly NotCosted[]): number {
  return notCosted.reduce((sum, row) => sum + row.operations, 0);
}

function operationsText({ nodes, unknown, operations: amount }: NotCosted): string {
  if (unknown === nodes) return 'unknown';
  return unknown > 0 ? `${count(amount)} + unknown` : count(amount);
}
