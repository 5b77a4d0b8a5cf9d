/** `dse archs`: the shipped architectures. */
import { Command } from 'commander';
import { computeUnits, memories } from '../../arch/architecture.ts';
import type { Architecture } from '../../arch/architecture.ts';
import { listArchitectures, loadArchitecture } from '../../arch/load.ts';
import { count } from '../../report/format.ts';
import { renderTable } from '../../report/table.ts';
import type { Column } from '../../report/table.ts';
import { layout, print } from '../terminal.ts';

export function archsCommand(): Command {
  return new Command('archs').description('Lists the architectures that come with dse').action(() => {
    print(renderTable(COLUMNS, listArchitectures().map(loadShipped), layout()));
  });
}

interface Shipped extends Architecture {
  /** What `--arch` takes. */
  readonly file: string;
}

const COLUMNS: readonly Column<Shipped>[] = [
  { header: 'architecture', align: 'left', cell: ({ file }) => file },
  { header: 'MAC units', align: 'right', cell: (arch) => count(computeUnits(arch)) },
  { header: 'memories', align: 'left', cell: (arch) => memoryNames(arch) },
  { header: 'description', align: 'left', prose: true, cell: (arch) => firstSentence(arch.description) },
];

function loadShipped(file: string): Shipped {
  return { ...loadArchitecture(file), file };
}

function memoryNames(arch: Architecture): string {
  return memories(arch)
    .map(({ name }) => name)
    .join(' ');
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s|\n/, 1)[0];
}
