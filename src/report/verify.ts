/** The JSON contract `dse.verify/1`, and the report of a verification: a row per layer with its verdict. */
import type { Check, Outcome } from '../verify/claim.ts';
import { count, significant } from './format.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

export interface LayerVerdict {
  readonly name: string;
  /** What the result says of the layer. */
  readonly claim: 'optimal' | 'bounded' | 'heuristic';
  /** The claimed bound in the objective's unit; null for a front. */
  readonly lowerBound: number | null;
  /** The worst of the checks: one that failed, or was not decided. */
  readonly verdict: Outcome;
  readonly checks: readonly Check[];
  /** Partial mappings that the new search costed. */
  readonly visited: number;
  readonly seconds: number;
}

/** What `dse verify --json` prints; schema in `schemas/dse.verify-1.schema.json`. */
export interface VerifyReport {
  readonly schema: 'dse.verify/1';
  readonly arch: string;
  readonly archDigest: string;
  readonly objective: string;
  /** The worst over layers and the total. */
  readonly verdict: Outcome;
  readonly layers: readonly LayerVerdict[];
  readonly total: Check;
  readonly seconds: number;
  readonly version: string;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  passed: 'verified',
  failed: 'REFUTED',
  undecided: 'undecided',
};

const COLUMNS: readonly Column<LayerVerdict>[] = [
  { header: 'layer', align: 'left', cell: ({ name }) => name },
  { header: 'claim', align: 'left', cell: ({ claim }) => CLAIMS[claim] },
  { header: 'verdict', align: 'left', cell: ({ verdict }) => WORDS[verdict] },
  { header: 'because', align: 'left', cell: reason },
];

const CLAIMS = { optimal: 'optimal', bounded: 'bounded', heuristic: 'best found' } as const;

/** A row per layer, the total if it is wrong, and how many are verified. */
export function renderVerify(report: VerifyReport, options: TableOptions): string {
  const { good, bad } = options.style;
  const colour = ({ verdict }: LayerVerdict): ((line: string) => string) =>
    verdict === 'passed' ? good : bad;
  const verified = report.layers.filter(({ verdict }) => verdict === 'passed').length;
  const { total } = report;
  return [
    renderTable(COLUMNS, report.layers, options, colour),
    '',
    ...(total.outcome === 'passed' ? [] : [bad(`total: ${total.message}`)]),
    `${verified} of ${count(report.layers.length)} layers for ${report.objective} on ${report.arch} verified in ` +
      `${significant(report.seconds, 3)} s`,
  ].join('\n');
}

/** What decided: the first check that did not pass, or how far the checks went. */
function reason({ checks, claim, visited }: LayerVerdict): string {
  const open =
    checks.find(({ outcome }) => outcome === 'failed') ?? checks.find((c) => c.outcome !== 'passed');
  if (open) return `${open.name}: ${open.message}`;
  if (claim === 'heuristic') return 'legal, figures to the last bit; no proof was claimed';
  const proof = checks.findLast(({ name }) => name === 'bound' || name === 'order' || name === 'front');
  return `legal, figures to the last bit; ${proof?.message} (${count(visited)} partial mappings)`;
}
