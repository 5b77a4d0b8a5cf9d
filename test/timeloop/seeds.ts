/** Small files in every dialect, for tests that change them. */

export const PROBLEM = `problem:
  shape:
    name: line
    dimensions: [P, R]
    data_spaces:
    - {name: Weights, projection: [[[R]]]}
    - {name: Inputs, projection: [[[R], [P, stride]]]}
    - {name: Outputs, projection: '[P]', read_write: true}
    coefficients: [{name: stride, default: 2}]
  instance: {P: 16, R: 3}
`;

export const SUBTREE = `architecture:
  version: 0.3
  subtree:
  - name: system
    local:
    - {name: DRAM, class: DRAM, attributes: {word-bits: 8, reduction_supported: yes}}
    - {name: L1, class: SRAM, attributes: {word_bits: 8, entries: 64, vector_access_energy: 2, addr_gen_energy: 0.1}}
    subtree:
    - name: PE[0..3]
      local:
      - {name: L0, class: regfile, attributes: {word_bits: 8, depth: 2 * 4, block_size: 1, meshX: 4}}
      - {name: MAC, class: intmac, attributes: {datawidth: 8, meshX: 4}}
`;

export const FLAT = `arch:
  arithmetic: {name: MAC, instances: 4, word-bits: 8, meshX: 4}
  storage:
  - {name: L0, instances: 4, entries: 8, word-bits: 8, meshX: 4}
  - {name: L1, instances: 1, entries: 64, word-bits: 8}
  - {name: DRAM, instances: 1, technology: DRAM, word-bits: 8}
`;

export const NODES = `variables: {side: 4}
architecture:
  version: 0.4
  nodes:
  - !Container {name: system, attributes: {datawidth: 8}}
  - !Component {name: DRAM, class: DRAM, attributes: {width: 64}}
  - !Component {name: L1, class: smartbuffer_SRAM, attributes: &sram {depth: 2 ** 6 if side > 2 else 1, width: 8}}
  - !Container
    name: PE
    spatial: {meshX: side}
    constraints: {spatial: {factors: [R=1], permutation: [R, P], split: 9}}
  - !Hierarchical
    nodes:
    - !Parallel
      nodes:
      - !Component {name: L0, class: storage, attributes: {<<: *sram, depth: 8}, constraints: {dataspace: {keep: [Weights]}}}
      - !Nothing
  - !Component {name: MAC, class: intmac}
`;

export const MAPPING = `mapping:
- {target: L0, type: temporal, factors: R3 P2, permutation: R P}
- {target: L0, type: bypass, bypass: [Outputs]}
- {target: L1, type: spatial, factors: P=4, split: 1, permutation: PR, no_link_transfer: [Inputs]}
- {target: L1, type: temporal, factors: 'P 0', permutation: PR}
`.replace("'P 0'", "'P 2'");

export const OTHERS = `ERT:
  version: 0.3
  tables:
  - name: system.PE[0..3].L0
    actions: [{name: read, arguments: {}, energy: 1.5}, {name: leak, arguments: {}, energy: 0.01}]
ART:
  version: 0.3
  tables: [{name: 'system.PE[0..3].L0', area: 20}]
architecture_constraints:
  targets:
  - {target: L1, type: spatial, factors: [R=1, P<=2], permutation: PR, split: 1}
mapspace_constraints:
- {target: L0, type: bypass, keep: [Weights]}
mapper: {algorithm: random-pruned, optimization-metrics: [delay, energy], num-threads: 2, victory_condition: 100}
`;

/** Sets of files that read without a complaint. */
export const SEEDS: readonly (readonly string[])[] = [
  [SUBTREE, PROBLEM, MAPPING, OTHERS],
  [FLAT, PROBLEM, MAPPING],
  [NODES, PROBLEM],
];
