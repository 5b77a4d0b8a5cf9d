import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RequestProgress } from '../../src/api/search.ts';
import { progressText, stepText, sweepText, verifyText } from '../../src/cli/progress-text.ts';
import { StatusLine } from '../../src/cli/status-line.ts';

const progress: RequestProgress = {
  layer: 'conv3_1.b',
  index: 2,
  layers: 6,
  evaluations: 600_000,
  rate: 1.25e6,
  elapsedSeconds: 0.48,
  best: { energyPj: 1.5e9, cycles: 688_128, value: 1 },
  refusals: { capacity: 300_000, memories: { GLB: 290_000, spad: 10_000 }, fanout: 100_000, constraints: 0 },
};

describe('the progress line', () => {
  test('tells place, rate, best and what is thrown out by what', () => {
    expect(progressText(progress)).toBe(
      'conv3_1.b (2/6)  1.25 M/s  best 1,500 uJ, 688,128 cycles  pruned 40%: GLB 29%, arrays 10%, spad 1%',
    );
  });

  test('tells the bound and the gap of a search that proves', () => {
    const best = { energyPj: 1.5e9, cycles: 688_128, value: 1.032e15 };
    const proving = {
      ...progress,
      best,
      bound: 1e15,
      gap: 0.032,
      refusals: { ...progress.refusals, capacity: 0 },
    };
    expect(progressText(proving)).toContain(
      'best 1,500 uJ, 688,128 cycles  1.032e+15, at least 1.000e+15: gap 3.2%',
    );
  });

  test('says so while nothing is found', () => {
    const { best: _, ...nothing } = { ...progress, layers: 1, index: 1 };
    expect(progressText(nothing)).toMatch(/^conv3_1\.b {2}.*nothing found yet/);
  });
});

describe('the progress line of long work', () => {
  test('tells the time left, and of a network the round and the best totals before it', () => {
    const totals = { energyPj: 3e9, cycles: 2_000_000 };
    expect(progressText({ ...progress, remainingSeconds: 11.2, round: 2, totals })).toMatch(
      /^round 2: best 3,000 uJ, 2,000,000 cycles {2}conv3_1\.b \(2\/6\) {2}12 s left {2}1\.25 M\/s/,
    );
    expect(progressText({ ...progress, round: 1 })).toMatch(/^conv3_1/);
  });

  test('counts questions of an explanation, layers of a verification', () => {
    const place = { layer: 'fc', index: 1, layers: 2 };
    expect(stepText({ ...place, question: 'GLB x 2', done: 4, of: 14, remainingSeconds: 90 })).toBe(
      'fc (1/2)  5 of 14: GLB x 2  2 min left',
    );
    expect(verifyText({ ...place, index: 2, remainingSeconds: 7300 })).toBe('checking fc (2/2)  2.0 h left');
    expect(verifyText(place)).toBe('checking fc (1/2)');
  });

  test('tells of a sweep the bounds, then designs, front and best', () => {
    const sweep = { done: 0, designs: 10_000, elapsedSeconds: 3, front: 0 };
    expect(sweepText({ ...sweep, bounding: { count: 640, of: 10_000 }, remainingSeconds: 30 })).toBe(
      'bounds of 640 of 10,000 (6%) designs  30 s left',
    );
    const best = { objective: 'energy', value: 1.5e9 } as const;
    expect(sweepText({ ...sweep, done: 2_500, front: 12, best, remainingSeconds: 20 })).toBe(
      '2,500 of 10,000 (25%) designs  20 s left  front 12  best energy 1,500 uJ',
    );
  });
});

describe('StatusLine', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** A terminal (or not) that remembers what was written. */
  function terminal(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
    const written: string[] = [];
    const stream = { isTTY, columns: 20, write: (text: string) => written.push(text) };
    return { stream: stream as unknown as NodeJS.WriteStream, written };
  }

  test('is silent in the first second, then overwrites one line, cut to the width', () => {
    const { stream, written } = terminal(true);
    const status = new StatusLine(stream);
    status.update(() => 'early');
    vi.advanceTimersByTime(1100);
    status.update(() => 'a line longer than the terminal');
    status.update(() => 'too soon after the last');
    vi.advanceTimersByTime(50);
    status.update(() => 'next');
    vi.advanceTimersByTime(50);
    status.update(() => 'cleared before it is drawn');
    status.clear();
    vi.advanceTimersByTime(500);
    const line = (text: string): string => `\r\u001b[2K${text}`;
    expect(written).toEqual([line('early'), line('a line longer than '), line('next'), line('')]);
  });

  test('shows what came early once it takes longer, and the last of what came too soon', () => {
    const { stream, written } = terminal(true);
    const status = new StatusLine(stream);
    status.update(() => 'first');
    status.update(() => 'second');
    vi.advanceTimersByTime(999);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(written).toEqual(['\r\u001b[2Ksecond']);
    status.clear();
  });

  test('writes nothing off a terminal', () => {
    const { stream, written } = terminal(false);
    const status = new StatusLine(stream);
    vi.advanceTimersByTime(5000);
    status.update(() => 'text');
    status.clear();
    expect(written).toEqual([]);
  });
});
