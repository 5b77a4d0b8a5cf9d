/** `dse version`: what a bug report needs to name. */
import { Command } from 'commander';
import { packageVersion } from '../../version.ts';
import { print } from '../terminal.ts';

export function versionCommand(): Command {
  return new Command('version')
    .description('Prints the versions of dse and Node.js and the platform')
    .action(() =>
      print(`dse ${packageVersion()} (Node.js ${process.version}, ${process.platform} ${process.arch})`),
    );
}
