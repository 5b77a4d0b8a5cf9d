/** `dse show`: one architecture's hierarchy as a drawing, and where its numbers come from. */
import { Command } from 'commander';
import { drawArchitecture } from '../../arch/draw.ts';
import { loadArchitecture } from '../../arch/load.ts';
import { drawProvenance } from '../../arch/provenance.ts';
import { required } from '../flags.ts';
import { print } from '../terminal.ts';

export function showCommand(): Command {
  return new Command('show')
    .description('Draws the memory hierarchy of an architecture and says where its numbers come from')
    .option('--arch <name>', 'required: an architecture by name, or a YAML file')
    .action(({ arch }: { arch?: string }) => {
      const name = required('--arch', arch, 'an architecture, such as --arch eyeriss');
      const architecture = loadArchitecture(name);
      print(`${drawArchitecture(architecture)}\n\n${drawProvenance(architecture)}`);
    });
}
