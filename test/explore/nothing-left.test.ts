import { expect, test } from 'vitest';
import { nothingLeft } from '../../src/explore/nothing-left.ts';
import { parseSweep } from '../../src/explore/read-sweep.ts';
import { InfeasibleError } from '../../src/spec/errors.ts';
import { sources } from './support.ts';

test('designs without a legal mapping are counted, with the reason of the first', () => {
  const own = parseSweep(sources({ constraints: ['words > 12'] }));
  const error = nothingLeft(own, [
    { id: 0, digits: [0, 0, 0], status: 'excluded' },
    { id: 1, digits: [1, 0, 0], status: 'infeasible', reason: 'RF is 2 words too small' },
    { id: 2, digits: [2, 0, 0], status: 'infeasible', reason: 'RF is 1 word too small' },
  ]);
  expect(error).toBeInstanceOf(InfeasibleError);
  expect(error.diagnostics.map(({ message }) => message)).toEqual([
    'this excludes 1 of 3 designs',
    'no mapping is legal on 2 of 3 designs; on design 1: RF is 2 words too small',
  ]);
  expect(error.diagnostics[0].position?.text).toContain('words > 12');
});
