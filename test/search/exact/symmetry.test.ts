/** Which dimensions of a square convolution the exact search may exchange. */
import { expect, test } from 'vitest';
import { loadArchitecture } from '../../../src/arch/load.ts';
import { buildMapspace } from '../../../src/mapspace/mapspace.ts';
import { readOwnConstraints } from '../../../src/mapspace/read-constraints.ts';
import { buildLattice } from '../../../src/search/exact/lattice.ts';
import { findSymmetry } from '../../../src/search/exact/symmetry.ts';
import { parseLayer } from '../../../src/workload/shorthand.ts';

const arch = loadArchitecture('eyeriss');
const einsum = parseLayer('conv:N=1,M=8,C=4,P=14,Q=14,R=3,S=3');

test('rows and columns, where nothing tells them apart', () => {
  const space = buildMapspace(arch, einsum);
  expect(findSymmetry(space, buildLattice(space))).toBeDefined();
});

test('not rows and columns, where an array takes only one of them', () => {
  const space = buildMapspace(arch, einsum, readOwnConstraints(arch, einsum));
  expect(findSymmetry(space, buildLattice(space))).toBeUndefined();
});
