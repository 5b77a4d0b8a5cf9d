import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/spec/errors.ts';
import { evaluate, hasGolden, loadCases } from './golden.ts';

/** Timeloop's reasons and ours. */
const REASONS: readonly (readonly [theirs: RegExp, ours: (match: RegExpExecArray) => readonly string[]])[] = [
  [
    /level (\w+): mapped tile size (\d+) exceeds buffer capacity (\d+)/,
    ([, level, used, usable]) => [level, used, usable, 'words'],
  ],
  [
    /level (\w+): mapped max Arithmetic instances (\d+) exceeds hardware instances (\d+)/,
    ([, unit, used, has]) => [unit, used, has],
  ],
  [
    /mapped max Arithmetic (\w) expansion (\d+) exceeds hardware instances (\d+)/,
    ([, axis, used, has]) => [axis, used, has],
  ],
  [/factors of dimension (\w) is (\d+), .* (\d+)\./, ([, dim, product, bound]) => [dim, product, bound]],
  [/bypassed in all storage levels/, () => ['bypassed in all storage levels']],
  [/meshX.Get\(\) == 0/, () => ['instances', 'meshX']],
  [/dimension (\w) not found in problem shape/, ([, dim]) => [`dimension ${dim}`, 'not one of']],
  [/dimension names can only be 1 character/, () => ['more than one letter']],
];

describe.skipIf(!hasGolden)('mappings Timeloop refuses', () => {
  for (const golden of loadCases().filter(({ error }) => error)) {
    test(`${golden.name} is refused for the same reason`, () => {
      const [theirs, ours] =
        REASONS.find(([reason]) => golden.error?.some((line) => reason.test(line))) ?? [];
      if (!theirs || !ours) throw new Error(`no counterpart for ${golden.error}`);
      const match = golden.error?.map((line) => theirs.exec(line)).find((found) => found);
      const error = refusal(() => evaluate(golden));
      expect(error.diagnostics[0].position, error.message).toBeDefined();
      for (const word of ours(match as RegExpExecArray)) expect(error.message).toContain(word);
    });
  }
});

function refusal(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
