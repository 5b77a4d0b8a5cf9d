/**
 * Eyeriss' row-stationary mappings of AlexNet (mappings/) against what its authors published.
 *
 * - Energy: ISCA'16 Fig. 10, in units of 1e9 MAC energies, batch 16. The figure is of a design with 256 PEs; the energy of
 *   DRAM and register files does not depend on their number, so the 168-PE chip's mappings are comparable. The data has
 *   no published values for the global buffer and the array: those of nn_dataflow beside them count every DRAM access
 *   once in the buffer and leave out the partial sums that return to it.
 * - Cycles and global buffer traffic: the chip's measurements, JSSC'17 Table V, batch 4 at 200 MHz.
 *
 * The deviations below were measured; a test fails when one moves by half a point, either way.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadArchitecture } from '../../src/arch/load.ts';
import { checkMapping } from '../../src/mapping/legality.ts';
import type { Mapping } from '../../src/mapping/mapping.ts';
import { readMapping } from '../../src/mapping/read.ts';
import type { Cost } from '../../src/model/cost.ts';
import { evaluateMapping } from '../../src/model/evaluate.ts';
import { parseYaml, readYaml } from '../../src/spec/document.ts';
import type { Einsum } from '../../src/workload/einsum.ts';
import { loadWorkload } from '../../src/workload/select.ts';
import { parseLayer } from '../../src/workload/shorthand.ts';

const LAYERS = ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'] as const;
type LayerName = (typeof LAYERS)[number];

const arch = loadArchitecture('eyeriss');
const root = fileURLToPath(new URL('../../', import.meta.url));
const mappingFile = (layer: LayerName): string => `${root}mappings/eyeriss-alexnet-${layer}.yaml`;

function alexnet(layer: LayerName, batch: number): Einsum {
  return loadWorkload(`alexnet@batch=${batch}.${layer}`).layers[0].einsum;
}

function mappingOf(layer: LayerName): Mapping {
  return readMapping(readYaml(mappingFile(layer)), arch, alexnet(layer, 4));
}

/** The batch of 4 as the chip runs it. */
function batchOf4(layer: LayerName): Cost {
  return evaluateMapping(arch, alexnet(layer, 4), mappingOf(layer));
}

/** Four such batches one after another. */
function batchOf16(layer: LayerName): Cost {
  const einsum = alexnet(layer, 16);
  const [dram, ...inner] = mappingOf(layer).nest;
  const batches = { kind: 'for', dim: einsum.dims.findIndex(({ name }) => name === 'N'), factor: 4 } as const;
  return evaluateMapping(arch, einsum, { nest: [dram, batches, ...inner] });
}

/** Energies in 1e9 MAC energies. */
function split(cost: Cost): { ALU: number; DRAM: number; RF: number } {
  const [dram, , ...spads] = cost.memories.map(({ energyPj }) => energyPj / arch.compute.energyPj / 1e9);
  const RF = spads.reduce((sum, energy) => sum + energy, 0);
  return { ALU: cost.computeEnergyPj / arch.compute.energyPj / 1e9, DRAM: dram, RF };
}

/** Percent by which the model exceeds the published value. */
function deviation(model: number, published: number): number {
  return (model / published - 1) * 100;
}

/** A table by its first column's values in lower case. */
function published(file: string): Record<string, Record<string, number>> | undefined {
  const path = `${root}../shared/golden/published/${file}`;
  if (!existsSync(path)) {
    console.warn(`SKIPPED, no published data: ${path}`);
    return undefined;
  }
  const [header, ...rows] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return Object.fromEntries(
    rows.map(([name, ...cells]) => [
      name.toLowerCase(),
      Object.fromEntries(cells.map((cell, i) => [header[i + 1], Number(cell)])),
    ]),
  );
}

test.each(LAYERS)('the mapping of %s is legal', (layer) => {
  expect(checkMapping(arch, alexnet(layer, 4), mappingOf(layer))).toEqual([]);
});

const fig10 = published('eyeriss_isca16_fig10.csv');

describe.skipIf(!fig10)('energy per layer against ISCA’16 Fig. 10', () => {
  // ALU: one MAC energy per MAC, as in the figure; what is left is the figure's two decimals.
  // RF: the figure counts exactly four accesses per MAC; the model adds the fills of the spads, less first reads of sums.
  // DRAM, conv1: 11 strips of 5 rows instead of 8 of 7 (see the padded layer below).
  // DRAM, conv2: the figure's own mapping is not published; it moves 4% more.
  test.each([
    ['conv1', { ALU: 0, DRAM: 14, RF: 1.7 }],
    ['conv2', { ALU: 0, DRAM: -4.4, RF: 3.1 }],
    ['conv3', { ALU: 0, DRAM: 0, RF: 3.1 }],
    ['conv4', { ALU: 0, DRAM: 0, RF: 3.6 }],
    ['conv5', { ALU: 0, DRAM: 0, RF: 3.8 }],
  ] as const)('%s deviates by %o percent', (layer, expected) => {
    const { ALU, DRAM, RF } = split(batchOf16(layer));
    const paper = fig10![layer];
    const found = {
      ALU: deviation(ALU, paper.ALU_paper),
      DRAM: deviation(DRAM, paper.DRAM_paper),
      RF: deviation(RF, paper.RF_paper),
    };
    for (const part of ['ALU', 'DRAM', 'RF'] as const)
      expect(found[part], part).toBeCloseTo(expected[part], 0);
  });

  test('conv1 padded to 56 rows, which the chip’s 7-row strips divide, reads the published DRAM energy', () => {
    const einsum = parseLayer('conv:N=16,M=96,C=3,P=56,Q=55,R=11,S=11,stride=4');
    const text = readFileSync(mappingFile('conv1'), 'utf8')
      .replace('N=4 P=11', 'N=16 P=8')
      .replace('P=5 M=2', 'P=7 M=2');
    const cost = evaluateMapping(arch, einsum, readMapping(parseYaml(text, 'padded.yaml'), arch, einsum));
    expect(deviation(split(cost).DRAM, fig10!.conv1.DRAM_paper)).toBeCloseTo(-0.5, 0);
    expect(cost.utilizedUnits).toBe(154);
  });
});

const chip = published('eyeriss_jssc17/eyeriss-alexnet.csv');

describe.skipIf(!chip)('the chip of JSSC’17', () => {
  // The model overlaps everything, the chip fills and drains its array at every pass: −4% to −10% where the mapping is
  // the chip's. conv1: 110 PEs instead of 154. conv2: 120 instead of 135, which hides part of the overhead. conv3: bound
  // by the 4 words per cycle assumed of the global buffer's write port, over more traffic than the chip's (see below).
  test.each([
    ['conv1', 16.2],
    ['conv2', -4.8],
    ['conv3', 3.2],
    ['conv4', -10.1],
    ['conv5', -4.2],
  ] as const)('%s: processing latency deviates by %d percent', (layer, expected) => {
    const milliseconds = batchOf4(layer).latencySeconds * 1e3;
    expect(deviation(milliseconds, chip![layer]['Processing Latency (ms)'])).toBeCloseTo(expected, 0);
  });

  test.each([
    ['conv1', 110, 154],
    ['conv2', 120, 135],
    ['conv3', 156, 156],
    ['conv4', 156, 156],
    ['conv5', 156, 156],
  ] as const)('%s keeps %i PEs busy, the chip %i', (layer, expected, published) => {
    expect(batchOf4(layer).utilizedUnits).toBe(expected);
    expect(chip![layer]['Num. of Active PEs']).toBe(published);
  });

  // conv3: the chip's traffic is that of 45 passes over the channels, its own parameters (q·r = 4 of 256) make 64.
  test.each([
    ['conv1', -2],
    ['conv2', 0.6],
    ['conv3', 42],
    ['conv4', 4],
    ['conv5', 4],
  ] as const)('%s: global buffer traffic deviates by %d percent', (layer, expected) => {
    const words = batchOf4(layer).memories[1].tensors.reduce(
      (sum, t) => sum + t.reads + t.fills + t.updates,
      0,
    );
    const megabytes = (words * 2) / 1e6;
    expect(deviation(megabytes, chip![layer]['Global Buffer Accesses (MB)'])).toBeCloseTo(expected, 0);
  });
});
