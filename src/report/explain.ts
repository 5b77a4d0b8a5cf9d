/** Why a mapping is the best, as JSON and as sentences: what binds, where energy goes, and what a change would be worth. */
import type { Architecture } from '../arch/architecture.ts';
import type { Fill } from '../explain/capacity.ts';
import type { ChangeEffect, Explanation, Optimum, OtherDataflow } from '../explain/explain.ts';
import type { Dataflow, Stationary } from '../explain/dataflow.ts';
import type { Cost } from '../model/cost.ts';
import type { Einsum } from '../workload/einsum.ts';
import type { EnergyPart, LatencyLimit } from './bottleneck.ts';
import { describeLatencyLimit, energyParts, latencyLimit } from './bottleneck.ts';
import { brief, count, microjoules, percent, quantityName, significant } from './format.ts';
import { renderTable } from './table.ts';
import type { Column, TableOptions } from './table.ts';

/** What the `explain` of a layer holds in `dse search --json`. */
export interface ExplainReport extends Explanation {
  readonly latency: LatencyLimit & { readonly cycles: number; readonly computeCycles: number };
  /** Outermost first; `tensors` only of memories, pJ by tensor name. */
  readonly energy: readonly (EnergyPart & { readonly tensors?: Readonly<Record<string, number>> })[];
}

export interface ExplainedMapping {
  readonly arch: Architecture;
  readonly einsum: Einsum;
  readonly cost: Cost;
}

export function explainReport(
  { arch, einsum, cost }: ExplainedMapping,
  explanation: Explanation,
): ExplainReport {
  const { cycles, computeCycles } = cost;
  const energy = energyParts(arch, cost).map((part) => {
    const memory = part.kind === 'memory' && cost.memories.find(({ name }) => name === part.name);
    if (!memory) return part;
    const kept = memory.tensors.flatMap(({ kept, energyPj }, t) =>
      kept ? [[einsum.tensors[t].name, energyPj] as const] : [],
    );
    return { ...part, tensors: Object.fromEntries(kept) };
  });
  return { ...explanation, latency: { ...latencyLimit(arch, cost), cycles, computeCycles }, energy };
}

/** Columns of the labels; sentences are broken at this width or the terminal's. */
const LABEL = 11;
const WIDTH = 110;

/** What is said under one label, in sentences. */
export interface ExplanationPart {
  readonly label: string;
  readonly sentences: readonly string[];
}

export function explanationParts(report: ExplainReport): ExplanationPart[] {
  return [
    { label: 'latency', sentences: [latencySentence(report)] },
    { label: 'energy', sentences: [energySentence(report)] },
    { label: 'ideal', sentences: [idealSentence(report)] },
    {
      label: 'capacity',
      sentences: [...report.fills.map(fillSentence), ...(report.fills.length > 0 ? [SHRINK] : [])],
    },
    { label: 'dataflow', sentences: [dataflowSentence(report.dataflow), ...nextSentence(report)] },
  ];
}

/** Sentences with a label each, then a table of what each change of the machine is worth. */
export function renderExplanation(report: ExplainReport, options: TableOptions): string {
  const width = Math.min(options.width, WIDTH) - LABEL;
  const lines = explanationParts(report).flatMap(({ label, sentences }) =>
    sentences
      .flatMap((sentence) => wrap(sentence, width))
      .map((line, i) => (i === 0 ? options.style.bold(label.padEnd(LABEL)) : ' '.repeat(LABEL)) + line),
  );
  return [lines.join('\n'), ...changesTable(report, options)].join('\n\n');
}

function latencySentence({ latency }: ExplainReport): string {
  const { cycles, computeCycles } = latency;
  const rest = cycles > computeCycles ? `; computing alone would take ${count(computeCycles)}` : '';
  return `${count(cycles)} cycles, limited by ${describeLatencyLimit(latency)}${rest}.`;
}

/** Shares below this are not worth a word. */
const SMALL = 0.005;

function energySentence({ energy }: ExplainReport): string {
  const parts = energy
    .filter(({ share }) => share >= SMALL)
    .toSorted((a, b) => b.share - a.share)
    .map(
      ({ name, share, energyPj, tensors }) => `${name} ${percent(share)}${tensorShares(energyPj, tensors)}`,
    );
  return `${parts.join(', ')}.`;
}

/** Largest first: the only tensor by name, several with their shares of the part. */
function tensorShares(energyPj: number, tensors: Readonly<Record<string, number>> = {}): string {
  const shares = Object.entries(tensors)
    .map(([name, part]) => ({ name, share: part / energyPj }))
    .filter(({ share }) => share >= SMALL)
    .toSorted((a, b) => b.share - a.share);
  if (shares.length === 0) return '';
  if (shares.length === 1) return ` (${shares[0].name})`;
  return ` (${shares.map(({ name, share }) => `${name} ${Math.round(100 * share)}%`).join(', ')})`;
}

function idealSentence({ ideal, energy, latency, value, objective }: ExplainReport): string {
  const energyPj = energy.reduce((sum, part) => sum + part.energyPj, 0);
  const product =
    objective === 'edp' || objective === 'ed2p'
      ? `: ${times(value, ideal.value)} its ${quantityName(objective)}`
      : '';
  return (
    `A machine that moves every word once and keeps every unit busy would pay ${microjoules(ideal.energyPj)} uJ in ` +
    `${count(Math.ceil(ideal.cycles))} cycles. This mapping pays ${times(energyPj, ideal.energyPj)} its energy in ` +
    `${times(latency.cycles, ideal.cycles)} its cycles${product}.`
  );
}

function times(value: number, ideal: number): string {
  return `${significant(value / ideal, 3)} times`;
}

/** The mapping fits a memory of the words it uses, and a smaller memory allows nothing that a larger one does not. */
const SHRINK = 'Down to the words in use, a smaller memory would have the same optimum.';

function fillSentence({ name, usedWords, usableWords, growths }: Fill): string {
  const [least] = growths;
  const forbidden = growths.find(({ fits }) => !fits);
  const roomy = growths.filter(({ fits }) => fits).map(({ dim, factor }) => `${factor} x ${dim}`);
  const full =
    usedWords === usableWords
      ? `full with ${words(usedWords)}`
      : `${count(usedWords)} of ${words(usableWords)} (${percent(usedWords / usableWords)})`;
  const rest =
    least === undefined
      ? 'all there is of what it keeps'
      : [
          ...(roomy.length > 0 ? [`room for ${oneOf(roomy)}, which gains nothing`] : []),
          ...(forbidden ? [tooLarge(forbidden)] : []),
        ].join('; ');
  return `${name}: ${full}; ${rest}.`;
}

function tooLarge({ dim, factor, needsWords }: Fill['growths'][number]): string {
  return `a tile of ${factor} x ${dim} would need ${count(needsWords)}`;
}

function oneOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

function words(amount: number): string {
  return `${count(amount)} word${amount === 1 ? '' : 's'}`;
}

function dataflowSentence({ name, stationary }: Dataflow): string {
  const spread =
    name === 'none'
      ? 'Nothing is spread over the arrays'
      : `${name} (what is spread over rows|columns of the arrays)`;
  return `${spread}; ${stationarySentence(stationary)}.`;
}

function stationarySentence(stationary: Stationary | null): string {
  if (!stationary) return 'no tensor stays inside the outermost memory';
  const { tensor, memory, macsPerWord } = stationary;
  return `${tensor} stationary, with ${significant(macsPerWord, 4)} MACs for each word brought into ${memory}`;
}

function nextSentence({ next, value, objective, refusal }: ExplainReport): string[] {
  if (refusal !== undefined) return [`No alternatives were searched: ${refusal}.`];
  if (!next) return ['No mapping of another dataflow is legal.'];
  const loss = lossText(next, value);
  return [
    `The best of all other dataflows, ${next.name} with ${next.stationary?.tensor ?? 'nothing'} stationary, costs ` +
      `${loss} ${quantityName(objective)}: ${microjoules(next.energyPj)} uJ in ${count(next.cycles)} cycles.`,
  ];
}

function lossText({ value, lowerBound, exact }: OtherDataflow, best: number): string {
  if (exact) return value <= best * (1 + EQUAL) ? 'the same' : `${more(value / best)} more`;
  return `${more(lowerBound / best)} to ${more(value / best)} more`;
}

/** Relative differences not worth telling: rounding. */
const EQUAL = 1e-9;

/** 2.7%, 3.4 times: of what is above one. */
function more(ratio: number): string {
  return ratio < 3 ? percent(Math.max(0, ratio - 1)) : `${significant(ratio - 1, 3)} times`;
}

/** What the table of changes is. */
export const CHANGES_HEADING =
  'The optimum with one part of the machine changed, energies per access as they are:';

export function changeColumns({ value, objective }: ExplainReport): Column<ChangeEffect>[] {
  return [
    { header: 'change', align: 'left', cell: ({ name, change }) => `${name} ${change}` },
    { header: 'from', align: 'right', expendable: 1, cell: ({ from }) => amount(from) },
    { header: 'to', align: 'right', expendable: 1, cell: ({ to }) => amount(to) },
    { header: 'energy uJ', align: 'right', cell: ({ energyPj }) => microjoules(energyPj) },
    { header: 'cycles', align: 'right', cell: ({ cycles }) => count(cycles) },
    { header: `${quantityName(objective)} saved`, align: 'right', cell: (effect) => gainText(effect, value) },
  ];
}

function changesTable(report: ExplainReport, options: TableOptions): string[] {
  if (report.changes.length === 0) return [];
  return [
    CHANGES_HEADING,
    renderTable(changeColumns(report), report.changes, options),
    wrap(mostSentence(report), Math.min(options.width, WIDTH)).join('\n'),
  ];
}

/** Changes named at most. */
const NAMED = 3;

/** Which changes of the machine are worth most. */
export function mostSentence({ changes, value: best, objective }: ExplainReport): string {
  const named = changes
    .map(({ name, change, value }) => ({ text: `${name} ${change}`, share: gain(value, best) }))
    .filter(({ share }) => share >= SMALL)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, NAMED)
    .map(({ text, share }) => `${text} (${percent(share)} less ${quantityName(objective)})`);
  return named.length === 0 ? 'None of them gains much.' : `Worth most: ${named.join(', ')}.`;
}

/** Whole numbers in full, rates as they were written. */
function amount(value: number): string {
  return Number.isInteger(value) ? count(value) : brief(value);
}

function gainText({ value, lowerBound, exact }: Optimum, best: number): string {
  const least = gain(value, best);
  if (exact) return least === 0 ? 'nothing' : least > 0 && least < 0.0005 ? 'below 0.1%' : percent(least);
  return `${percent(least)} to ${percent(gain(lowerBound, best))}`;
}

/** Below zero for a larger machine whose idle parts cost more. */
function gain(value: number, best: number): number {
  const share = 1 - value / best;
  return Math.abs(share) <= EQUAL ? 0 : share;
}

/** Words into lines of at most `width` characters, where words allow. */
function wrap(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
