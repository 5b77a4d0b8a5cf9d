/** `dse show`: one architecture's hierarchy as a drawing. */
import { Command } from 'commander';
import { drawArchitecture } from '../../arch/draw.ts';
import { loadArchitecture } from '../../arch/load.ts';
import { print } from '../terminal.ts';

export function showCommand(): Command {
  return new Command('show')
    .description('Draws the memory hierarchy of an architecture')
    .requiredOption('--arch <name>', 'an architecture by name, or a YAML file')
    .action(({ arch }: { arch: string }) => print(drawArchitecture(loadArchitecture(arch))));
}
