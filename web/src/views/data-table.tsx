/** A table of a report; wider than its place it scrolls. */
import type { ComponentChildren } from 'preact';
import type { Column } from '../../../src/report/table.ts';

export interface DataTableProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly label: string;
  /** What stands in the first cell; default its text. */
  readonly first?: (text: string, index: number) => ComponentChildren;
  /** Place of the row that is marked. */
  readonly chosen?: number;
}

export function DataTable<Row>({
  columns,
  rows,
  label,
  first = (text) => text,
  chosen,
}: DataTableProps<Row>) {
  const [head, ...others] = columns;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ header, align }) => (
              <th key={header} scope="col" class={align}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index} class={index === chosen ? 'chosen' : ''}>
              <th scope="row" class={head.align}>
                {first(head.cell(row), index)}
              </th>
              {others.map(({ header, align, cell }) => (
                <td key={header} class={align}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
