import { describe, expect, test } from 'vitest';
import { differences, evaluate, hasGolden, loadMaintainers, read } from './golden.ts';

describe.skipIf(!hasGolden)("the maintainers' designs", () => {
  for (const golden of loadMaintainers()) {
    test(`every field of ${golden.name} equals`, () => {
      read(golden);
      expect(differences(golden, evaluate(golden).result)).toEqual([]);
    });
  }
});
