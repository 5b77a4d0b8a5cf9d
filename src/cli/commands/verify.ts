/** `dse verify`: re-checks a saved search result layer by layer, as a table or as JSON. */
import { Command } from 'commander';
import { verify } from '../../api/verify.ts';
import type { VerifyReport } from '../../report/verify.ts';
import { renderVerify } from '../../report/verify.ts';
import { seconds } from '../flags.ts';
import { interruptSignal } from '../interrupt.ts';
import { verifyText } from '../progress-text.ts';
import { StatusLine } from '../status-line.ts';
import { layout, print, printJson } from '../terminal.ts';

interface Options {
  readonly arch?: string;
  readonly time?: number;
  readonly json?: true;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Re-checks a saved search result: every mapping by the reference model, every proof by a new search',
    )
    .argument('<result>', 'the saved output of dse search --json')
    .option('--arch <name>', 'the architecture searched, if it is not where the result says')
    .option('--time <seconds>', 'leave undecided what is not decided after this time', seconds('--time'))
    .option('--json', 'print one JSON object (schema dse.verify/1) and nothing else')
    .addHelpText('after', '\nExit codes: 0 every claim verified, 2 some claim not verified or bad input.')
    .action(run);
}

async function run(result: string, options: Options): Promise<void> {
  const report = await runVerify(result, options);
  if (options.json) printJson(report);
  else print(renderVerify(report, layout()));
  if (report.verdict !== 'passed') process.exitCode = 2;
}

async function runVerify(result: string, { arch, time }: Options): Promise<VerifyReport> {
  const status = new StatusLine(process.stderr);
  const { signal, release } = interruptSignal();
  try {
    return await verify({
      result,
      arch,
      timeSeconds: time,
      signal,
      onProgress: (progress) => status.update(() => verifyText(progress)),
    });
  } finally {
    status.clear();
    release();
  }
}
