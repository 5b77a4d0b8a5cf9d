/** `dse show`: one architecture's hierarchy as a drawing. */
import { Command } from 'commander';
import { drawArchitecture } from '../../arch/draw.ts';
import { loadArchitecture } from '../../arch/load.ts';
import { required } from '../flags.ts';
import { print } from '../terminal.ts';

export function showCommand(): Command {
  return new Command('show')
    .description('Draws the memory hierarchy of an architecture')
    .option('--arch <name>', 'required: an architecture by name, or a YAML file')
    .action(({ arch }: { arch?: string }) => {
      const name = required('--arch', arch, 'an architecture, such as --arch eyeriss');
      print(drawArchitecture(loadArchitecture(name)));
    });
}
