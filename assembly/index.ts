// Exports of the kernel module. Two builds of this file, scalar and SIMD, with the same exports (asconfig.json).
import { evaluateLanes } from './evaluate';

export * from './layout';

// Energies and cycles of the first `count` lanes of the factor rows; regions and units: layout.ts.
export function evaluate(
  problem: usize, plan: usize, scratch: usize, factors: usize, results: usize, batch: i32, count: i32,
): void {
  if (ASC_FEATURE_SIMD) evaluateLanes<v128>(problem, plan, scratch, factors, results, batch, count);
  else evaluateLanes<f64>(problem, plan, scratch, factors, results, batch, count);
}
