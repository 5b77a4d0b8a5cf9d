/** Chooses what costs the mappings of a problem: the kernel, or the reference model where the kernel does not take it. */
import type { Architecture } from '../arch/architecture.ts';
import { Kernel } from '../kernel/kernel.ts';
import { kernelRefusal } from '../kernel/support.ts';
import type { BatchEvaluator } from '../mapspace/evaluator.ts';
import type { Einsum } from '../workload/einsum.ts';
import { ReferenceEvaluator } from './reference-evaluator.ts';

/** Lanes of one kernel call: the most that a strategy asks for. */
const BATCH = 64;

export function createEvaluator(
  arch: Architecture,
  einsum: Einsum,
  module: WebAssembly.Module,
): BatchEvaluator {
  const refused = kernelRefusal(arch, einsum) !== null;
  return refused ? new ReferenceEvaluator(arch, einsum) : new Kernel(module, arch, einsum, BATCH);
}
