/**
 * The cost model in plain JavaScript on typed arrays, one mapping at a time: what the kernels are measured against.
 * It follows MODEL rules directly (every rank, every loop), allocates nothing per mapping, and gives the same bits.
 * It takes what the Eyeriss benchmark needs: no block sizes above 1, leakage, halo sharing or data widths.
 */
import { fanouts, memories } from '../dist/arch/architecture.js';

const MAX_DIMS = 64;
const RANKS = 8;

/** Compiles an architecture, layer and structure into `evaluate(factors) → energyPj`, which also sets `cycles`. */
export function typedArrayModel(arch, einsum, structure) {
  const dims = einsum.dims.length;
  const tensors = einsum.tensors.map((tensor) => flatten(tensor));
  const hardware = memories(arch);
  const arrays = fanouts(arch);
  const positionOf = (node) => arch.nodes.indexOf(node);
  const outside = hardware.map((m) => arrays.filter((f) => positionOf(f) < positionOf(m)).length);
  const items = structure.items.toReversed();
  const kind = Int32Array.from(items, (item) => (item.kind === 'station' ? 2 : item.fanout < 0 ? 0 : 1));
  const dim = Int32Array.from(items, (item) => (item.kind === 'station' ? 0 : item.dim));
  const fanout = Int32Array.from(items, (item) => (item.kind === 'station' ? 0 : item.fanout));
  const rows = structure.items.map(() => -1);
  let next = 0;
  structure.items.forEach((item, i) => {
    if (item.kind === 'slot') rows[i] = next++;
  });
  const row = Int32Array.from(rows.toReversed());
  const keepers = einsum.tensors.map((_, t) =>
    Int32Array.from(
      items.flatMap((item, i) => (item.kind === 'station' && item.tensors.includes(t) ? [i] : [])),
    ),
  );
  const memoryAt = Int32Array.from(items, (item) => (item.kind === 'station' ? item.memory : -1));
  const read = Float64Array.from(hardware, (m) => m.energy.readPj);
  const fill = Float64Array.from(hardware, (m) => m.energy.fillPj);
  const update = Float64Array.from(hardware, (m) => m.energy.updatePj);
  const usable = Float64Array.from(hardware, (m) => m.words);
  const bandwidth = Float64Array.from(
    hardware.flatMap((m) => [m.bandwidth.read, m.bandwidth.write, m.bandwidth.shared]),
  );
  const hop = Float64Array.from(arrays, (f) => f.energy.hopPj);
  const limits = Float64Array.from(arrays.flatMap((f) => [f.x, f.y]));
  const axis = Int32Array.from(items, (item) => (item.axis === 'y' ? 1 : 0));
  const computes = einsum.dims.reduce((product, d) => product * d.bound, 1);

  const extent = new Float64Array(dims);
  const bounds = new Float64Array(items.length);
  const strides = new Float64Array(items.length);
  const tiles = new Float64Array(items.length * tensors.length);
  const spans = new Float64Array(items.length * tensors.length * RANKS);
  const fan = new Float64Array(arrays.length);
  const axes = new Float64Array(2 * arrays.length);
  const spread = new Float64Array(arrays.length * dims);
  const spreadStride = new Float64Array(arrays.length * dims);
  const copiesUsed = new Float64Array(arrays.length + 1);
  const travelled = new Float64Array(RANKS);
  const readWords = new Float64Array(hardware.length * tensors.length);
  const fillWords = new Float64Array(hardware.length * tensors.length);
  const updateWords = new Float64Array(hardware.length * tensors.length);
  const network = new Float64Array(arrays.length * tensors.length);
  const used = new Float64Array(hardware.length);
  const result = { evaluate, energyPj: 0, cycles: 0 };

  function evaluate(factors) {
    fan.fill(1);
    axes.fill(1);
    spread.fill(1);
    used.fill(0);
    extent.fill(1);
    let computeCycles = 1;
    for (let i = 0; i < items.length; i++) {
      if (kind[i] === 2) {
        measure(i);
        continue;
      }
      const n = factors[row[i]];
      const d = dim[i];
      bounds[i] = n;
      strides[i] = extent[d];
      if (kind[i] === 0) computeCycles *= n;
      else place(i, n);
      extent[d] *= n;
    }
    copiesUsed[0] = 1;
    for (let f = 0; f < arrays.length; f++) copiesUsed[f + 1] = copiesUsed[f] * fan[f];
    for (let t = 0; t < tensors.length; t++) {
      if (tensors[t].output) moveOutput(t, computeCycles);
      else moveOperand(t, computeCycles);
    }
    settle(computeCycles);
    return result.energyPj;
  }

  function measure(i) {
    for (const t of structure.items[items.length - 1 - i].tensors) {
      const { ranks, terms, coefficients } = tensors[t];
      const at = i * tensors.length + t;
      let words = 1;
      for (let r = 0; r + 1 < ranks.length; r++) {
        let span = 1;
        for (let j = ranks[r]; j < ranks[r + 1]; j++) span += coefficients[j] * (extent[terms[j]] - 1);
        spans[at * RANKS + r] = span;
        words *= span;
      }
      tiles[at] = words;
      used[memoryAt[i]] += words;
    }
  }

  function place(i, n) {
    const f = fanout[i];
    fan[f] *= n;
    axes[2 * f + axis[i]] *= n;
    if (spread[f * dims + dim[i]] === 1) spreadStride[f * dims + dim[i]] = strides[i];
    spread[f * dims + dim[i]] *= n;
  }

  function moveOperand(t, computeCycles) {
    let words = computeCycles;
    let f = arrays.length;
    const chain = keepers[t];
    for (let k = 0; k < chain.length; k++) {
      const m = memoryAt[chain[k]];
      while (f > outside[m]) {
        f--;
        const inner = words;
        words *= distinct(t, f);
        network[f * tensors.length + t] = inner * fan[f] * copiesUsed[f] * hop[f];
      }
      readWords[m * tensors.length + t] = words;
      words = k + 1 < chain.length ? traffic(t, chain[k]) : 0;
      fillWords[m * tensors.length + t] = words;
    }
  }

  function moveOutput(t, computeCycles) {
    const { relevant } = tensors[t];
    let up = computeCycles;
    let held = 1;
    for (let i = 0; i < items.length; i++) if (kind[i] === 0 && relevant[dim[i]]) held *= bounds[i];
    let f = arrays.length;
    const chain = keepers[t];
    for (let k = 0; k < chain.length; k++) {
      const m = memoryAt[chain[k]];
      if (k > 0) fillWords[memoryAt[chain[k - 1]] * tensors.length + t] = up - held;
      while (f > outside[m]) {
        f--;
        const inner = up + (up - held);
        up *= distinct(t, f);
        for (let d = 0; d < dims; d++) if (relevant[d]) held *= spread[f * dims + d];
        network[f * tensors.length + t] = inner * fan[f] * copiesUsed[f] * hop[f];
      }
      readWords[m * tensors.length + t] = up - held;
      updateWords[m * tensors.length + t] = up;
      up = k + 1 < chain.length ? traffic(t, chain[k]) : 0;
    }
  }

  function traffic(t, position) {
    const { ranks, terms, coefficients, relevant } = tensors[t];
    const count = ranks.length - 1;
    const at = position * tensors.length + t;
    const tile = tiles[at];
    travelled.fill(0, 0, count);
    let words = 0;
    let idle = true;
    for (let i = position; i < items.length; i++) {
      if (kind[i] !== 0) continue;
      const n = bounds[i];
      if (n === 1 || (idle && !relevant[dim[i]])) continue;
      idle = false;
      const stride = strides[i];
      let overlap = 1;
      for (let r = 0; r < count; r++) {
        let shift = 0;
        for (let j = ranks[r]; j < ranks[r + 1]; j++)
          if (terms[j] === dim[i]) shift = coefficients[j] * stride;
        overlap *= Math.max(0, spans[at * RANKS + r] - Math.abs(shift - travelled[r]));
        travelled[r] += (n - 1) * shift;
      }
      words = n * words + (n - 1) * (tile - overlap);
    }
    return tile + words;
  }

  function distinct(t, f) {
    const { ranks, terms, coefficients } = tensors[t];
    let count = 1;
    for (let r = 0; r + 1 < ranks.length; r++) {
      const a = f * dims + terms[ranks[r]];
      const m = spread[a];
      if (ranks[r + 1] - ranks[r] === 1) {
        count *= m;
        continue;
      }
      const b = f * dims + terms[ranks[r] + 1];
      const n = spread[b];
      const p = m > 1 ? coefficients[ranks[r]] * spreadStride[a] : 1;
      const q = n > 1 ? coefficients[ranks[r] + 1] * spreadStride[b] : 1;
      const common = divisor(p, q);
      count *= m * n - Math.max(0, m - q / common) * Math.max(0, n - p / common) * (m > 1 && n > 1 ? 1 : 0);
    }
    return count;
  }

  function settle(computeCycles) {
    let cycles = computeCycles;
    let energy = 0;
    let illegal = false;
    for (let m = 0; m < hardware.length; m++) {
      let memoryPj = 0;
      let out = 0;
      let written = 0;
      for (let t = 0; t < tensors.length; t++) {
        const i = m * tensors.length + t;
        const pj = readWords[i] * read[m] + fillWords[i] * fill[m] + updateWords[i] * update[m];
        memoryPj += pj * copiesUsed[outside[m]];
        out += readWords[i];
        written += fillWords[i] + updateWords[i];
      }
      const busy = Math.max(
        out / bandwidth[3 * m],
        written / bandwidth[3 * m + 1],
        (out + written) / bandwidth[3 * m + 2],
      );
      cycles = Math.max(cycles, Math.ceil(busy));
      energy += memoryPj;
      illegal ||= used[m] > usable[m];
    }
    for (let f = 0; f < arrays.length; f++) {
      let pj = 0;
      for (let t = 0; t < tensors.length; t++) pj += network[f * tensors.length + t];
      energy += pj;
      illegal ||= axes[2 * f] > limits[2 * f] || axes[2 * f + 1] > limits[2 * f + 1];
    }
    energy += computes * arch.compute.energyPj;
    result.energyPj = illegal ? Infinity : energy;
    result.cycles = cycles;
  }

  return result;
}

function flatten(tensor) {
  const ranks = [0];
  const terms = [];
  const coefficients = [];
  const relevant = new Uint8Array(MAX_DIMS);
  for (const rank of tensor.ranks) {
    for (const { dim, coefficient } of rank) {
      terms.push(dim);
      coefficients.push(coefficient);
      relevant[dim] = 1;
    }
    ranks.push(terms.length);
  }
  return {
    ranks: Int32Array.from(ranks),
    terms: Int32Array.from(terms),
    coefficients: Float64Array.from(coefficients),
    relevant,
    output: tensor.role === 'outputs',
  };
}

function divisor(a, b) {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
