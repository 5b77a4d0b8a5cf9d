import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ansiStyle, plainStyle, styleFor } from '../../src/report/style.ts';
import { renderTable } from '../../src/report/table.ts';
import type { Column } from '../../src/report/table.ts';

interface Row {
  readonly name: string;
  readonly size: number;
  readonly note: string;
}

const columns: Column<Row>[] = [
  { header: 'name', align: 'left', cell: (row) => row.name },
  { header: 'size', align: 'right', cell: (row) => String(row.size) },
  { header: 'a long remark', align: 'left', expendable: 1, cell: (row) => row.note },
];
const rows: Row[] = [
  { name: 'GLB', size: 55296, note: 'shared' },
  { name: 'Scratchpad', size: 12, note: 'one per PE' },
];

describe('renderTable', () => {
  test('aligns words left and numbers right, without blanks at line ends', () => {
    expect(renderTable(columns, rows, { style: plainStyle, width: Infinity })).toBe(
      ['name         size  a long remark', 'GLB         55296  shared', 'Scratchpad     12  one per PE'].join(
        '\n',
      ),
    );
  });

  test('leaves out expendable columns, never others, when the terminal is narrow', () => {
    const narrow = renderTable(columns, rows, { style: plainStyle, width: 30 });
    expect(narrow).not.toContain('remark');
    expect(renderTable(columns, rows, { style: plainStyle, width: 5 })).toBe(narrow);
    expect(narrow.split('\n')[1]).toBe('GLB         55296');
  });

  test('cuts prose short before it leaves a column out', () => {
    const prose = columns.map((column) => (column.expendable ? { ...column, prose: true as const } : column));
    const long = rows.map((row) => ({ ...row, note: 'a sentence that is longer than the terminal is wide' }));
    const lines = renderTable(prose, long, { style: plainStyle, width: 50 }).split('\n');
    expect(lines[1]).toBe('GLB         55296  a sentence that is longer than…');
    expect(lines[1]).toHaveLength(50);
  });

  test('leaves out a column without a single cell', () => {
    const silent = rows.map((row) => ({ ...row, note: '' }));
    expect(renderTable(columns, silent, { style: plainStyle, width: Infinity })).not.toContain('remark');
  });

  test('colour changes no visible character', () => {
    const plain = renderTable(columns, rows, { style: plainStyle, width: Infinity });
    const colored = renderTable(columns, rows, { style: ansiStyle, width: Infinity }, () => ansiStyle.bold);
    expect(colored).not.toBe(plain);
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });
});

describe('styleFor', () => {
  test('colours a terminal only, and not under NO_COLOR or a dumb terminal', () => {
    expect(styleFor({ isTTY: true }, {})).toBe(ansiStyle);
    expect(styleFor({ isTTY: true }, { NO_COLOR: '' })).toBe(ansiStyle);
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' })).toBe(plainStyle);
    expect(styleFor({ isTTY: true }, { TERM: 'dumb' })).toBe(plainStyle);
    expect(styleFor({ isTTY: false }, {})).toBe(plainStyle);
    expect(styleFor({}, { FORCE_COLOR: '1' })).toBe(plainStyle);
  });
});
