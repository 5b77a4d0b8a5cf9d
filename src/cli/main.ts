#!/usr/bin/env node
/** The `dse` command: finds the command's file, runs it, turns what it throws into an exit code. No work of its own. */
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../version.ts';

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Files are loaded when their command is called: `dse --help` must not pay for the engine. */
const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  search: {
    summary: 'find the best mapping of a layer (or of every layer of a network) on an architecture',
    load: async () => (await import('./commands/search.ts')).searchCommand(),
  },
  eval: {
    summary: 'cost of one mapping: accesses, energy, cycles, and what limits it',
    load: async () => (await import('./commands/eval.ts')).evalCommand(),
  },
  verify: {
    summary: 're-check a saved search result: mappings, figures and proofs',
    load: async () => (await import('./commands/verify.ts')).verifyCommand(),
  },
  bound: {
    summary: 'least traffic between a backing store and a buffer, for every size of the buffer',
    load: async () => (await import('./commands/bound.ts')).boundCommand(),
  },
  sweep: {
    summary: 'explore the designs of a sweep file: the Pareto front, every layer mapped optimally',
    load: async () => (await import('./commands/sweep.ts')).sweepCommand(),
  },
  worker: {
    summary: 'map designs of a sweep that another machine explores',
    load: async () => (await import('./commands/worker.ts')).workerCommand(),
  },
  merge: {
    summary: 'join the logs of a sweep that ran on several machines',
    load: async () => (await import('./commands/merge.ts')).mergeCommand(),
  },
  convert: {
    summary: 'Timeloop files to dse files, and back',
    load: async () => (await import('./commands/convert.ts')).convertCommand(),
  },
  archs: {
    summary: 'list the architectures that come with dse',
    load: async () => (await import('./commands/archs.ts')).archsCommand(),
  },
  show: {
    summary: 'draw the memory hierarchy of an architecture',
    load: async () => (await import('./commands/show.ts')).showCommand(),
  },
  workloads: {
    summary: 'list the networks that come with dse, or the layers of one',
    load: async () => (await import('./commands/workloads.ts')).workloadsCommand(),
  },
  version: {
    summary: 'versions, for a bug report',
    load: async () => (await import('./commands/version.ts')).versionCommand(),
  },
};

const EXAMPLES = `
Examples:
  dse search --arch eyeriss --layer resnet50.conv3
  dse search --arch simba --layer conv:N=1,M=64,C=64,P=56,Q=56,R=3,S=3 --objective energy -o best.yaml
  dse eval --arch simba --layer conv:N=1,M=64,C=64,P=56,Q=56,R=3,S=3 --mapping best.yaml
  dse workloads resnet50

Exit codes: 0 done, 1 internal fault, 2 bad input, 3 no legal mapping, 4 stopped before any result.`;

async function program(argv: readonly string[]): Promise<Command> {
  const root = new Command('dse')
    .description('Design-space exploration for DNN accelerators')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .enablePositionalOptions();
  const called = argv[0] === 'help' ? argv[1] : argv[0];
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = name === called ? await load() : new Command(name);
    root.addCommand(strict(command.summary(summary)));
  }
  return strict(root);
}

/** Errors are thrown to `main`, which owns the exit codes. */
function strict(command: Command): Command {
  return command.exitOverride().showHelpAfterError(false);
}

async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error) => void endedOutput(error));
  process.stderr.on('error', (error) => void endedOutput(error));
  try {
    await (await program(argv)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? usageExitCode(error) : await failure(error);
  }
}

/** Asked-for help is success; everything commander refuses is bad input. It has printed its message already. */
function usageExitCode({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : 2;
}

async function failure(error: unknown): Promise<number> {
  const { reportFailure } = await import('./failure.ts');
  return reportFailure(error);
}

/** The reader went away (`dse … | head`): nothing left to say, and nothing went wrong. Else the output is not whole. */
async function endedOutput(error: NodeJS.ErrnoException): Promise<never> {
  if (error.code === 'EPIPE') process.exit(process.exitCode);
  const [{ InputError }, { reasonOf }] = await Promise.all([
    import('../spec/errors.ts'),
    import('../host/node.ts'),
  ]);
  process.exit(await failure(new InputError({ message: `cannot write the output: ${reasonOf(error)}` })));
}

await main(process.argv.slice(2));
