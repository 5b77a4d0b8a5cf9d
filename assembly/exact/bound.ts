// The least energy and cycles any completion of a label can reach, and what is cut against the best found.
import { area, isStill, lastRun } from './label';
import * as L from './layout';

const ROUNDING: f64 = 1e-11;

/**
 * Writes the least energy and cycles of all completions to the header. `ahead` points to the tables of the least cost
 * outside: `boundIn` while the stage's memory is still open, S_BOUND_OUT after the stage. With `guess` stationary
 * tensors count as if they ended halfway: no bound, but a better rank.
 */
export function bound(p: usize, stage: usize, label: usize, node: i32, ahead: usize, guess: bool): void {
  const quantities = L.i(p, L.H_QUANTITIES);
  const hasEnergy = L.i(p, L.H_HAS_ENERGY);
  const spread = L.at(L.pointer(stage, L.S_SPREAD), node);
  const parallel = L.f(label, L.L_PARALLEL_F);
  const macs = L.f(p, L.H_MACS_F);
  let cycles = macs / (parallel * spread);
  for (let k = hasEnergy; k < quantities; k++) {
    const outside = min(L.at(L.pointer(stage, L.S_SPREAD_OUTSIDE), k), spread);
    cycles = max(cycles, leastCost(p, stage, label, node, ahead, k, guess) / outside);
  }
  cycles = wholeCycles(cycles) + L.f(p, L.H_LATENCY_F);
  store<f64>(p + L.H_BOUND_CYCLES_F, cycles);
  if (!hasEnergy) return;
  const leak = L.f(label, L.L_LEAK_F) * (macs / parallel + L.f(p, L.H_LATENCY_F)) + L.f(p, L.H_LEAK_F) * cycles;
  const energy = leastCost(p, stage, label, node, ahead, 0, guess);
  store<f64>(p + L.H_BOUND_ENERGY_F, energy + leak + L.f(p, L.H_ENERGY_F));
}

/** Cycles are whole; sums of thirds and tenths are forgiven their rounding. */
export function wholeCycles(cycles: f64): f64 {
  return Math.ceil(cycles * (1 - ROUNDING));
}

/** Where the least costs are of closing the stage's memory, of which the tensors `rest` have no station yet. */
export function boundIn(p: usize, stage: usize, rest: i32): usize {
  const set = L.i(stage, L.S_UNEVEN) ? rest : 0;
  return L.pointer(stage, L.S_BOUND_IN) + 4 * set * L.i(p, L.H_QUANTITIES);
}

function leastCost(p: usize, stage: usize, label: usize, node: i32, ahead: usize, k: i32, guess: bool): f64 {
  const block = L.functional(p, label, k);
  const outside = <usize>L.word(ahead, k);
  const paid = L.f(block, L.F_PAID_F);
  let cost = paid + L.at(outside, node);
  let low = paid;
  let high = paid;
  const tensors = L.i(p, L.H_TENSORS);
  const all = L.trips(p, node);
  const reduced = L.f(stage, L.S_REDUCED_F);
  const sharing = L.pointer(stage, L.S_SHARED);
  const output = L.i(p, L.H_OUTPUT);
  for (let t = 0; t < tensors; t++) {
    const least = L.ofTensor(p, L.H_LEAST, t, node);
    const times = guess ? Math.sqrt(least * all) : least;
    const perFetch = L.at(block + L.F_ALIVE_F, t);
    const alive = perFetch * times;
    low += alive;
    high += perFetch * all;
    cost += t == output && !guess ? aliveOutput(block, alive, min(reduced, all / least)) : alive;
    const m = load<f64>(L.pendingAt(label, t));
    const dead = load<f64>(L.deadAt(p, label, t));
    if (m == 0 && dead == 0) continue;
    const fixed = L.coefficient(p, stage, L.S_AHEAD_FIXED, k, t);
    const shared = L.coefficient(p, stage, L.S_AHEAD_SHARED, k, t);
    const dearest = L.coefficient(p, stage, L.S_AHEAD_MOST, k, t);
    let ahead = dead * (fixed + shared * max(1 / L.at(sharing, t), least / all));
    if (m != 0) ahead += m * (fixed + shared) * (guess ? times : leastPending(p, label, t, node, least));
    cost += ahead;
    low += ahead;
    high += (dead + m * all) * dearest;
  }
  const runs = L.runs(label);
  for (let r = 0; r < runs; r++) {
    const run = L.run(p, label, r);
    const perFetch = L.at(run + L.R_COST_F, k) * area(run);
    const fetched = perFetch * leastRun(p, run, node);
    cost += fetched;
    low += fetched;
    high += perFetch * all;
  }
  if (k == 0) {
    store<f64>(p + L.H_LOW_F, low);
    store<f64>(p + L.H_HIGH_F, high);
  }
  return cost;
}

/** Every copy that reduces raises the credit, and what the stationary output will pay with it. */
function aliveOutput(block: usize, alive: f64, most: f64): f64 {
  const credit = L.f(block, L.F_CREDIT_F);
  return min(alive, alive * most - credit * (most - 1));
}

/** Least number of times a run's whole window is fetched again. */
export function leastRun(p: usize, run: usize, node: i32): f64 {
  return L.ofTensor(p, isStill(run) ? L.H_LEAST : L.H_HARD_TRIPS, L.i(run, L.R_TENSOR), node);
}

export function leastPending(p: usize, label: usize, tensor: i32, node: i32, least: f64): f64 {
  if (!((<i32>load<u8>(label + L.L_OWNED) >> tensor) & 1)) return least;
  return leastRun(p, L.run(p, label, lastRun(p, label, tensor)), node);
}

/** The objective's value; for the front EDP, which only orders labels. */
export function score(p: usize, energy: f64, cycles: f64): f64 {
  const objective = L.i(p, L.H_OBJECTIVE);
  if (objective == L.OBJECTIVE_ENERGY) return energy;
  if (objective == L.OBJECTIVE_LATENCY) return cycles;
  if (objective == L.OBJECTIVE_ED2P) return energy * cycles * cycles;
  if (objective == L.OBJECTIVE_WEIGHTED) {
    return L.f(p, L.H_ENERGY_WEIGHT_F) * energy + L.f(p, L.H_CYCLES_WEIGHT_F) * cycles;
  }
  return energy * cycles;
}

/** True if nothing with at least this energy and these cycles is wanted any more. */
export function isCut(p: usize, energy: f64, cycles: f64): bool {
  if (!(energy <= L.f(p, L.H_ENERGY_LIMIT_F) && cycles <= L.f(p, L.H_CYCLES_LIMIT_F))) return true;
  if (L.i(p, L.H_OBJECTIVE) == L.OBJECTIVE_FRONT) return isBehindFront(p, energy, cycles);
  const value = score(p, energy, cycles);
  const best = L.f(p, L.H_BEST_F);
  if (value * L.f(p, L.H_CUT_F) < best * (1 - ROUNDING)) return false;
  if (value < best * (1 - ROUNDING)) giveUp(p, value);
  return true;
}

/** A label not followed although its bound is below the best: the certificate's bound may not exceed it. */
export function giveUp(p: usize, bound: f64): void {
  if (bound < L.f(p, L.H_GIVEN_UP_F)) store<f64>(p + L.H_GIVEN_UP_F, bound);
}

function isBehindFront(p: usize, energy: f64, cycles: f64): bool {
  const front = L.pointer(p, L.H_FRONT);
  const count = L.i(p, L.H_FRONT_COUNT);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(front + middle * L.FRONT_POINT + 8) <= cycles) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return false;
  return load<f64>(front + (low - 1) * L.FRONT_POINT) <= energy * (1 + ROUNDING);
}

/** A complete mapping: the new best, a point of the front, or nothing. */
export function offer(p: usize, energy: f64, cycles: f64, trace: u32): void {
  if (!(energy <= L.f(p, L.H_ENERGY_LIMIT_F) && cycles <= L.f(p, L.H_CYCLES_LIMIT_F))) return;
  if (L.i(p, L.H_OBJECTIVE) == L.OBJECTIVE_FRONT) {
    if (!isBehindFront(p, energy, cycles)) addToFront(p, energy, cycles, trace);
    return;
  }
  const value = score(p, energy, cycles);
  if (value >= L.f(p, L.H_BEST_F)) return;
  store<f64>(p + L.H_BEST_F, value);
  store<f64>(p + L.H_BEST_ENERGY_F, energy);
  store<f64>(p + L.H_BEST_CYCLES_F, cycles);
  store<u32>(p + L.H_BEST_TRACE, trace);
}

function addToFront(p: usize, energy: f64, cycles: f64, trace: u32): void {
  const front = L.pointer(p, L.H_FRONT);
  let count = L.i(p, L.H_FRONT_COUNT);
  let to = 0;
  for (let from = 0; from < count; from++) {
    const point = front + from * L.FRONT_POINT;
    if (load<f64>(point) >= energy && load<f64>(point + 8) >= cycles) continue;
    if (to != from) memory.copy(front + to * L.FRONT_POINT, point, L.FRONT_POINT);
    to++;
  }
  count = to;
  if (count == L.i(p, L.H_FRONT_ROOM)) {
    store<i32>(p + L.H_FULL, 1);
    giveUp(p, 0);
    return;
  }
  let place = count;
  while (place > 0 && load<f64>(front + (place - 1) * L.FRONT_POINT + 8) > cycles) place--;
  const point = front + place * L.FRONT_POINT;
  memory.copy(point + L.FRONT_POINT, point, (count - place) * L.FRONT_POINT);
  store<f64>(point, energy);
  store<f64>(point + 8, cycles);
  store<u32>(point + 16, trace);
  store<i32>(p + L.H_FRONT_COUNT, count + 1);
}
