// The one label every chain begins with: one multiply-accumulate, each tensor asked for once per operation.
import { serveEarly } from './label';
import { insert } from './table';
import * as L from './layout';

export function start(p: usize, stage: usize): void {
  const work = L.pointer(p, L.H_WORK);
  first(p, stage, work);
  insert(p, stage, L.pointer(p, L.H_OUT_HEADS), L.pointer(p, L.H_OUT_TOUCHED), p + L.H_OUT_COUNT, work, 0, -1);
}

export function first(p: usize, stage: usize, work: usize): void {
  memory.fill(work, 0, L.i(p, L.H_LABEL));
  const tensors = L.i(p, L.H_TENSORS);
  const functionals = L.i(p, L.H_FUNCTIONALS);
  for (let k = 0; k < functionals; k++) store<f64>(L.functional(p, work, k) + L.F_COPIES_F, 1);
  for (let t = 0; t < tensors; t++) store<f64>(L.deadAt(p, work, t), L.f(p, L.H_MACS_F));
  store<f64>(work + L.L_PARALLEL_F, 1);
  store<f64>(work + L.L_LEAK_F, L.f(stage, L.S_LEAK_F));
  serveEarly(p, stage, work, (1 << tensors) - 1);
}
