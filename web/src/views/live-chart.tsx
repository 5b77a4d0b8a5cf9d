/** The best mapping and the bound below it while a search runs: where they meet the best is proved. */
import { significant } from '../../../src/report/format.ts';
import type { Trace } from './trace.ts';

const WIDTH = 300;
const HEIGHT = 150;
const FRAME = { left: 8, right: WIDTH - 8, top: 22, bottom: HEIGHT - 24 };

interface Point {
  readonly seconds: number;
  readonly value: number;
}

export function LiveChart({ trace, unit }: { readonly trace: Trace; readonly unit: string }) {
  const best = points(trace, ({ best: found }) => found?.value);
  const bound = points(trace, ({ bound: least }) => least);
  const last = trace.at(-1)?.elapsedSeconds ?? 0;
  const values = [...best, ...bound].map(({ value }) => value);
  const most = Math.max(...values);
  const least = Math.min(...values);
  const x = (seconds: number): number => FRAME.left + ((FRAME.right - FRAME.left) * seconds) / (last || 1);
  const y = (value: number): number =>
    FRAME.bottom - ((FRAME.bottom - FRAME.top) * (value - least)) / (most - least || 1);
  const line = (all: readonly Point[]): string =>
    all
      .map(({ seconds, value }, i) => `${i === 0 ? 'M' : 'H'}${x(seconds)}${i === 0 ? ' ' : 'V'}${y(value)}`)
      .join('') + `H${FRAME.right}`;
  return (
    <svg class="live-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" fill="currentColor" font-size="12">
      <title>Best found and lower bound over time</title>
      <desc>{describe(best, bound, last, unit)}</desc>
      <path d={`M${FRAME.left} ${FRAME.bottom}H${FRAME.right}`} stroke="var(--faint)" />
      {bound.length > 0 && (
        <path d={line(bound)} fill="none" stroke="var(--chosen)" stroke-width="2" stroke-dasharray="5 3" />
      )}
      {best.length > 0 && <path d={line(best)} fill="none" stroke="var(--accent)" stroke-width="2" />}
      <text x={FRAME.left} y="13" fill="var(--accent)">
        best found
      </text>
      <text x={FRAME.left + 80} y="13" fill="var(--chosen)">
        lower bound (dashed)
      </text>
      <text x={FRAME.left} y={HEIGHT - 8}>
        0
      </text>
      <text x={FRAME.right} y={HEIGHT - 8} text-anchor="end">{`${significant(last, 3)} s`}</text>
    </svg>
  );
}

function points(trace: Trace, of: (now: Trace[number]) => number | undefined): Point[] {
  return trace.flatMap((now) => {
    const value = of(now);
    return value === undefined || !Number.isFinite(value) ? [] : [{ seconds: now.elapsedSeconds, value }];
  });
}

function describe(best: readonly Point[], bound: readonly Point[], seconds: number, unit: string): string {
  const said = (name: string, all: readonly Point[]): string[] =>
    all.length > 0 ? [`${name} ${significant(all[all.length - 1].value)} ${unit}`] : [];
  return [`After ${significant(seconds, 3)} s`, ...said('best', best), ...said('bound', bound)].join(', ');
}
