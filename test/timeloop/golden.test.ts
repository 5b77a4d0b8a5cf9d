import { describe, expect, test } from 'vitest';
import { differences, evaluate, hasGolden, loadCases } from './golden.ts';

describe.skipIf(!hasGolden)("Timeloop's own results", () => {
  for (const golden of loadCases().filter(({ result }) => result)) {
    test(`every field of ${golden.name} equals`, () => {
      expect(differences(golden, evaluate(golden).result)).toEqual([]);
    });
  }
});
