/** `dse archs`: the shipped architectures. */
import { Command } from 'commander';
import { listArchitectures } from '../../arch/load.ts';
import { renderTable } from '../../report/table.ts';
import type { Column } from '../../report/table.ts';
import { layout, print } from '../terminal.ts';

type Summary = ReturnType<typeof listArchitectures>[number];

export function archsCommand(): Command {
  return new Command('archs').description('Lists the architectures that come with dse').action(() => {
    const columns: Column<Summary>[] = [
      { header: 'architecture', align: 'left', cell: ({ name }) => name },
      { header: 'description', align: 'left', cell: ({ description }) => firstSentence(description) },
    ];
    print(renderTable(columns, listArchitectures(), layout()));
  });
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s|\n/, 1)[0];
}
