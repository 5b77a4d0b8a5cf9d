/** The `dse` command that repeats what the page asks. */

export interface Asked {
  readonly arch: string;
  readonly layer: string;
  readonly objective: string;
  readonly uneven: boolean;
}

export function command({ arch, layer, objective, uneven }: Asked): string {
  return [
    'npx dse search',
    `--arch ${quoted(arch)}`,
    `--layer ${quoted(layer)}`,
    ...(objective === 'edp' ? [] : [`--objective ${objective}`]),
    ...(uneven ? ['--uneven'] : []),
  ].join(' ');
}

/** As a POSIX shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
