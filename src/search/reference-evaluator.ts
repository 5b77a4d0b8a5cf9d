/** The batch evaluator for problems the kernel does not take: the reference model, lane by lane. The same numbers, slower. */
import type { Architecture } from '../arch/architecture.ts';
import { checkMapping } from '../mapping/legality.ts';
import type { BatchEvaluator } from '../mapspace/evaluator.ts';
import type { Structure } from '../mapspace/structure.ts';
import { slots, toMapping } from '../mapspace/structure.ts';
import { evaluateMapping } from '../model/evaluate.ts';
import type { Einsum } from '../workload/einsum.ts';

/** Few, so that a batch of a costly model does not delay a stop. */
const BATCH = 16;

export class ReferenceEvaluator implements BatchEvaluator {
  readonly batch = BATCH;
  factors = new Float64Array(0);
  readonly energyPj = new Float64Array(BATCH);
  readonly cycles = new Float64Array(BATCH);
  readonly #arch: Architecture;
  readonly #einsum: Einsum;
  #structure: Structure = { items: [] };
  #slots = 0;

  constructor(arch: Architecture, einsum: Einsum) {
    this.#arch = arch;
    this.#einsum = einsum;
  }

  setStructure(structure: Structure): void {
    this.#structure = structure;
    this.#slots = slots(structure).length;
    if (this.factors.length < this.#slots * BATCH) this.factors = new Float64Array(this.#slots * BATCH);
    this.factors.fill(1);
  }

  evaluate(count: number): void {
    for (let lane = 0; lane < count; lane++) this.#evaluateLane(lane);
  }

  #evaluateLane(lane: number): void {
    const factors = Array.from({ length: this.#slots }, (_, slot) => this.factors[slot * BATCH + lane]);
    const mapping = toMapping(this.#structure, factors);
    const legal = checkMapping(this.#arch, this.#einsum, mapping).length === 0;
    const cost = legal ? evaluateMapping(this.#arch, this.#einsum, mapping) : undefined;
    this.energyPj[lane] = cost ? cost.energyPj : Infinity;
    this.cycles[lane] = cost ? cost.cycles : Infinity;
  }
}
