// Labels that reached the same node: kept only if no other is at least as good under every completion.
import { area, lastRun, sameGeometry } from './label';
import { giveUp, leastPending, leastRun } from './bound';
import * as L from './layout';

const PAGE: i32 = 65536;

/** Room in the pool; 0 once memory ran out, which does not depend on how far it has grown before. */
function room(p: usize, bytes: i32): usize {
  const start = L.pointer(p, L.H_BUMP);
  const end = start + bytes;
  if (<f64>end > L.f(p, L.H_MEMORY_F)) return 0;
  const have = <usize>memory.size() * PAGE;
  if (end > have) {
    const wanted = max(<i32>((end - have + PAGE - 1) / PAGE), min(memory.size() >> 2, 256));
    if (memory.grow(wanted) < 0) return 0;
  }
  store<u32>(p + L.H_BUMP, <u32>end);
  return start;
}

function newLabel(p: usize): usize {
  const free = L.pointer(p, L.H_FREE_LABEL);
  if (free == 0) return room(p, L.i(p, L.H_LABEL));
  store<u32>(p + L.H_FREE_LABEL, load<u32>(free + L.L_NEXT));
  return free;
}

export function freeLabel(p: usize, label: usize): void {
  store<u32>(label + L.L_NEXT, load<u32>(p + L.H_FREE_LABEL));
  store<u32>(p + L.H_FREE_LABEL, <u32>label);
}

function newTrace(p: usize, parent: u32, node: i32, step: i32): u32 {
  let record = L.pointer(p, L.H_TRACE);
  if (record == L.pointer(p, L.H_TRACE_END)) {
    record = room(p, L.TRACE_CHUNK);
    if (record == 0) return 0;
    store<u32>(p + L.H_TRACE_END, <u32>(record + L.TRACE_CHUNK));
  }
  store<u32>(p + L.H_TRACE, <u32>(record + L.TRACE));
  store<u32>(record + L.T_PARENT, parent);
  store<i32>(record + L.T_NODE, node);
  store<i32>(record + L.T_STEP, step);
  return <u32>record;
}

/** The page of labels that have just opened a station, so that the tensors of `kept` have theirs. */
export function openedPage(p: usize, kept: i32): i32 {
  return (1 << L.i(p, L.H_DIMS)) + kept;
}

/** The labels that have just opened a station begin with loops again: their page becomes that of no dimensions. */
export function turnPage(p: usize, kept: i32): void {
  const slots = L.pointer(p, L.H_MASKS);
  const opened = slots + (<usize>openedPage(p, kept) << 2);
  store<u32>(slots, load<u32>(opened));
  store<u32>(opened, 0);
}

/** Heads of the labels whose loops since the memory's last station used exactly the dimensions of `mask`; made on first use. */
export function maskPage(p: usize, mask: i32): usize {
  const slot = L.pointer(p, L.H_MASKS) + (<usize>mask << 2);
  let page = <usize>load<u32>(slot);
  if (page != 0) return page;
  const nodes = L.i(p, L.H_NODES);
  page = L.pointer(p, L.H_FREE_PAGE);
  if (page != 0) store<u32>(p + L.H_FREE_PAGE, load<u32>(page));
  else {
    page = room(p, (8 + 8 * nodes + 7) & ~7);
    if (page == 0) return 0;
    memory.fill(page, 0, 8 + 8 * nodes);
  }
  store<i32>(page, 0);
  store<u32>(slot, <u32>page);
  return page;
}

/** Gives an emptied page back. */
export function releasePage(p: usize, mask: i32): void {
  const slot = L.pointer(p, L.H_MASKS) + (<usize>mask << 2);
  const page = load<u32>(slot);
  if (page == 0) return;
  store<u32>(page, load<u32>(p + L.H_FREE_PAGE));
  store<u32>(p + L.H_FREE_PAGE, page);
  store<u32>(slot, 0);
}

// @ts-ignore: decorator
@inline
export function pageHeads(p: usize, page: usize): usize {
  return page + 8 + 4 * L.i(p, L.H_NODES);
}

/** A copy of `work` joins the labels of its node unless one of them dominates it; those it dominates leave. */
export function insert(p: usize, stage: usize, heads: usize, touched: usize, count: usize, work: usize, node: i32, step: i32): void {
  const head = heads + (<usize>node << 2);
  let previous: usize = 0;
  let label = <usize>load<u32>(head);
  const fresh = label == 0;
  while (label != 0) {
    const next = <usize>load<u32>(label + L.L_NEXT);
    if (dominates(p, stage, label, work, node)) {
      L.bump(p, L.H_CUT_DOMINATED_F);
      return;
    }
    if (dominates(p, stage, work, label, node)) {
      L.bump(p, L.H_CUT_DOMINATED_F);
      if (previous == 0) store<u32>(head, <u32>next);
      else store<u32>(previous + L.L_NEXT, <u32>next);
      store<f64>(p + L.H_LIVE_F, L.f(p, L.H_LIVE_F) - 1);
      freeLabel(p, label);
    } else previous = label;
    label = next;
  }
  const kept = newLabel(p);
  const trace = kept != 0 && step >= 0 ? newTrace(p, load<u32>(work + L.L_TRACE), node, step) : load<u32>(work + L.L_TRACE);
  if (kept == 0 || (step >= 0 && trace == 0)) {
    if (kept != 0) freeLabel(p, kept);
    store<i32>(p + L.H_FULL, 1);
    giveUp(p, L.f(work, L.L_BOUND_F));
    return;
  }
  memory.copy(kept, work, L.i(p, L.H_LABEL));
  store<u32>(kept + L.L_TRACE, trace);
  store<u32>(kept + L.L_NEXT, load<u32>(head));
  store<u32>(head, <u32>kept);
  if (fresh) {
    const n = load<i32>(count);
    store<i32>(touched + (<usize>n << 2), node);
    store<i32>(count, n + 1);
  }
  L.bump(p, L.H_KEPT_F);
  store<f64>(p + L.H_LIVE_F, L.f(p, L.H_LIVE_F) + 1);
}

/**
 * True if under every completion `a` costs no more than `b` in every quantity. Costs are linear in what is pending,
 * each coefficient within a known range, so the worst completion lies at a corner.
 */
export function dominates(p: usize, stage: usize, a: usize, b: usize, node: i32): bool {
  if (L.f(a, L.L_PARALLEL_F) < L.f(b, L.L_PARALLEL_F) || L.f(a, L.L_LEAK_F) > L.f(b, L.L_LEAK_F)) return false;
  // Two corners of the first functional settle most pairs.
  const rounding = load<f64>(L.pointer(p, L.H_TOLERANCE));
  if (L.f(a, L.L_LOW_F) > L.f(b, L.L_LOW_F) + rounding || L.f(a, L.L_HIGH_F) > L.f(b, L.L_HIGH_F) + rounding) return false;
  if (L.i(p, L.H_SHARE_AT) != 0 && !leavesAsMuch(p, stage, L.share(p, a), L.share(p, b))) return false;
  const quantities = L.i(p, L.H_QUANTITIES);
  const most = excess(p, stage, a, b, node, 0);
  if (most > rounding) return false;
  for (let k = 1; k < quantities; k++) {
    if (excess(p, stage, a, b, node, k) > L.at(L.pointer(p, L.H_TOLERANCE), k)) return false;
  }
  return !roundsUpBeyond(p, stage, a, b, node, rounding - most);
}

/**
 * True if whole blocks may raise the energy of `a` by more than that of `b` and `room`. Accesses are whole numbers: an
 * excess below one half is none. Where `a` has as many as `b` or fewer, whole blocks level at most that difference;
 * otherwise they add less than one block in every instance.
 */
function roundsUpBeyond(p: usize, stage: usize, a: usize, b: usize, node: i32, room: f64): bool {
  const functionals = L.i(p, L.H_FUNCTIONALS);
  const first = L.i(p, L.H_QUANTITIES);
  if (first == functionals) return false;
  const same = asksTheSame(p, a, b);
  let more: f64 = 0;
  for (let k = first; k < functionals; k++) {
    if (same && countsTheSame(p, a, b, k)) continue;
    const block = L.blocksOf(p, k);
    const copies = L.f(L.functional(p, a, k), L.F_COPIES_F);
    let blocks = min(L.at(L.pointer(stage, L.S_SPREAD_OUTSIDE), k), L.at(L.pointer(stage, L.S_SPREAD), node));
    if (copies == L.f(L.functional(p, b, k), L.F_COPIES_F) && excess(p, stage, a, b, node, k) < 0.5) {
      const fewer = excess(p, stage, b, a, node, k);
      blocks = fewer < 0.5 ? 0 : min(blocks, (fewer * L.at(block, 0)) / L.at(block, 1));
    }
    more += blocks * copies * L.at(block, 2);
    if (more > room) return true;
  }
  return false;
}

/** True if all that is pending or sliding is the same. */
function asksTheSame(p: usize, a: usize, b: usize): bool {
  if (load<u32>(a + L.L_ALIVE) != load<u32>(b + L.L_ALIVE)) return false;
  if (memory.compare(a + L.L_PENDING_F, b + L.L_PENDING_F, 16 * L.i(p, L.H_TENSORS)) != 0) return false;
  for (let r = L.runs(a) - 1; r >= 0; r--) if (!sameGeometry(L.run(p, a, r), L.run(p, b, r))) return false;
  return true;
}

function countsTheSame(p: usize, a: usize, b: usize, k: i32): bool {
  if (memory.compare(L.functional(p, a, k), L.functional(p, b, k), L.i(p, L.H_FUNCTIONAL_BYTES)) != 0) return false;
  for (let r = L.runs(a) - 1; r >= 0; r--) {
    if (L.at(L.run(p, a, r) + L.R_COST_F, k) != L.at(L.run(p, b, r) + L.R_COST_F, k)) return false;
  }
  return true;
}

/** True if share `a` of the memory allows every completion that `b` does. */
function leavesAsMuch(p: usize, stage: usize, a: usize, b: usize): bool {
  const bits = L.f(a, L.SHARE_BITS_F);
  if (bits > L.f(b, L.SHARE_BITS_F)) return false;
  if (bits < L.f(b, L.SHARE_BITS_F) && bits < L.f(stage, L.S_NEEDED_F)) return false;
  for (let d = 0, ruled = L.i(stage, L.S_RULED); ruled != 0; d++, ruled >>= 1) {
    if (ruled & 1 && load<u8>(a + L.SHARE_BEGAN + d) != load<u8>(b + L.SHARE_BEGAN + d)) return false;
  }
  return true;
}

/** The most by which `a` may exceed `b` in one functional. */
function excess(p: usize, stage: usize, a: usize, b: usize, node: i32, k: i32): f64 {
  const tensors = L.i(p, L.H_TENSORS);
  const all = L.trips(p, node);
  const sharing = L.pointer(stage, L.S_SHARED);
  const blockA = L.functional(p, a, k);
  const blockB = L.functional(p, b, k);
  const leastOutput = L.ofTensor(p, L.H_LEAST, L.i(p, L.H_OUTPUT), node);
  const credit = max(0, L.f(blockB, L.F_CREDIT_F) - L.f(blockA, L.F_CREDIT_F));
  let most = L.f(blockA, L.F_PAID_F) - L.f(blockB, L.F_PAID_F) + credit * (min(L.f(stage, L.S_REDUCED_F), all / leastOutput) - 1);
  for (let t = 0; t < tensors; t++) {
    const least = L.ofTensor(p, L.H_LEAST, t, node);
    most += corner(L.at(blockA + L.F_ALIVE_F, t) - L.at(blockB + L.F_ALIVE_F, t), least, all);
    const mA = load<f64>(L.pendingAt(a, t));
    const mB = load<f64>(L.pendingAt(b, t));
    const dead = load<f64>(L.deadAt(p, a, t)) - load<f64>(L.deadAt(p, b, t));
    if (mA == 0 && mB == 0 && dead == 0) continue;
    const fixed = L.coefficient(p, stage, L.S_AHEAD_FIXED, k, t);
    const shared = L.coefficient(p, stage, L.S_AHEAD_SHARED, k, t);
    const dearest = L.coefficient(p, stage, L.S_AHEAD_MOST, k, t);
    most += corner(dead, fixed + shared * max(1 / L.at(sharing, t), least / all), dearest);
    if (samePending(p, a, b, t)) {
      most += corner(mA - mB, (fixed + shared) * leastPending(p, a, t, node, least), dearest * all);
    } else {
      most += mA * dearest * all - mB * (fixed + shared) * leastPending(p, b, t, node, least);
    }
  }
  return most + excessOfRuns(p, a, b, node, k, all);
}

// @ts-ignore: decorator
@inline
function corner(difference: f64, low: f64, high: f64): f64 {
  return difference * (difference > 0 ? high : low);
}

function samePending(p: usize, a: usize, b: usize, tensor: i32): bool {
  const ownedA = (<i32>load<u8>(a + L.L_OWNED) >> tensor) & 1;
  const ownedB = (<i32>load<u8>(b + L.L_OWNED) >> tensor) & 1;
  if (ownedA != ownedB) return false;
  return !ownedA || sameGeometry(L.run(p, a, lastRun(p, a, tensor)), L.run(p, b, lastRun(p, b, tensor)));
}

/** Runs of equal geometry share their future; any other of `a` may cost the most, of `b` the least. */
function excessOfRuns(p: usize, a: usize, b: usize, node: i32, k: i32, all: f64): f64 {
  const runsA = L.runs(a);
  const runsB = L.runs(b);
  let most: f64 = 0;
  let matched = 0;
  for (let r = 0; r < runsA; r++) {
    const run = L.run(p, a, r);
    const words = area(run);
    let cost = L.at(run + L.R_COST_F, k);
    for (let s = 0; s < runsB; s++) {
      const other = L.run(p, b, s);
      if ((matched >> s) & 1 || !sameGeometry(run, other)) continue;
      matched |= 1 << s;
      cost -= L.at(other + L.R_COST_F, k);
      break;
    }
    most += corner(cost * words, leastRun(p, run, node), all);
  }
  for (let s = 0; s < runsB; s++) {
    if ((matched >> s) & 1) continue;
    const run = L.run(p, b, s);
    most -= L.at(run + L.R_COST_F, k) * area(run) * leastRun(p, run, node);
  }
  return most;
}
