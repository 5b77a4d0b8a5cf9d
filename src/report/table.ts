/** Aligned text tables that fit the terminal: columns, not characters, give way. */
import type { Style } from './style.ts';

export interface Column<Row> {
  readonly header: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Columns with a value give way when the table is too wide, the highest first. */
  readonly expendable?: number;
  /** Prose: cut short, before any column gives way. */
  readonly prose?: true;
}

export interface TableOptions {
  readonly style: Style;
  /** Terminal columns; `Infinity` off a terminal. */
  readonly width: number;
}

const GAP = '  ';

/**
 * One line for the headers, one for each row; two blanks between columns, none at the line's end.
 * If the table is wider than `width`, expendable columns are left out until it fits.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { style, width }: TableOptions,
  emphasis: (row: Row) => (text: string) => string = () => (text) => text,
): string {
  const kept = fit(
    shorten(columns.map((column) => withWidth(column, rows)).filter(hasContent), width),
    width,
  );
  const header = style.dim(line(kept.map(({ column, width: cells }) => pad(column.header, cells, column))));
  const body = rows.map((row) =>
    emphasis(row)(line(kept.map(({ column, width: cells }) => pad(column.cell(row), cells, column)))),
  );
  return [header, ...body].join('\n');
}

interface SizedColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
  readonly empty: boolean;
}

function withWidth<Row>(column: Column<Row>, rows: readonly Row[]): SizedColumn<Row> {
  const widest = rows.reduce((most, row) => Math.max(most, column.cell(row).length), 0);
  return { column, width: Math.max(widest, column.header.length), empty: widest === 0 };
}

/** A column without a single cell says nothing. */
function hasContent<Row>({ empty }: SizedColumn<Row>): boolean {
  return !empty;
}

/** Characters that a column of prose keeps. */
const LEAST_PROSE = 24;

function shorten<Row>(columns: readonly SizedColumn<Row>[], width: number): readonly SizedColumn<Row>[] {
  const over = Math.max(0, totalWidth(columns) - width);
  return columns.map((sized) =>
    sized.column.prose
      ? { ...sized, width: Math.max(sized.width - over, Math.min(sized.width, LEAST_PROSE)) }
      : sized,
  );
}

function totalWidth<Row>(columns: readonly SizedColumn<Row>[]): number {
  return columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);
}

function fit<Row>(columns: readonly SizedColumn<Row>[], width: number): readonly SizedColumn<Row>[] {
  if (totalWidth(columns) <= width) return columns;
  const rank = Math.max(...columns.map(({ column }) => column.expendable ?? 0));
  if (rank === 0) return columns;
  const victim = columns.findLastIndex(({ column }) => column.expendable === rank);
  return fit(columns.toSpliced(victim, 1), width);
}

function line(cells: readonly string[]): string {
  return cells.join(GAP).trimEnd();
}

function pad<Row>(whole: string, width: number, { align }: Column<Row>): string {
  const text = whole.length > width ? `${whole.slice(0, width - 1)}…` : whole;
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}
