/** `searchHtml`, `sweepHtml`: a result as one self-contained HTML page. */
import { searchPage } from '../report/html/search.ts';
import { sweepPage } from '../report/html/sweep.ts';
import { withoutTyped } from '../report/json.ts';
import { searchReport } from './search.ts';
import type { SearchOutcome } from './search.ts';
import type { SweepOutcome } from './sweep.ts';

/** Text of an HTML file that needs no network: layers, energy, utilisation, roofline, nests. */
export function searchHtml(outcome: SearchOutcome): string {
  return searchPage({
    report: searchReport(outcome),
    arch: outcome.typed.architecture,
    found: outcome.layers.map(({ typed }) => typed),
  });
}

/** Text of an HTML file that needs no network: the front, hypervolume, parallel coordinates. */
export function sweepHtml(outcome: SweepOutcome): string {
  const { sweep, records } = outcome.typed;
  return sweepPage({ report: withoutTyped(outcome), sweep, records });
}
