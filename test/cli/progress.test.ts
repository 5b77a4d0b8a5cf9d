import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RequestProgress } from '../../src/api/search.ts';
import { progressText } from '../../src/cli/progress-text.ts';
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

describe('StatusLine', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
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
    vi.advanceTimersByTime(200);
    status.update(() => 'next');
    status.clear();
    expect(written).toEqual(['\r\u001b[2Ka line longer than ', '\r\u001b[2Knext', '\r\u001b[2K']);
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
