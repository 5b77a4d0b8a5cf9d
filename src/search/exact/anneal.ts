/** Writes a mapping as a chain that the kernel anneals, and reads the best one back. */
import type { Problem } from './problem.ts';
import type { TraceStep } from './trace.ts';

/** Evaluations between two pauses: some milliseconds. */
const PAUSE = 4000;

/** Gives the best chain so far, perhaps the one it begins with, at every pause; its value is then in the header. */
export function* anneal(
  problem: Problem,
  steps: readonly TraceStep[],
  evaluations: number,
): Generator<readonly TraceStep[], void> {
  const { exports, header, annealing } = problem;
  writeChain(problem, steps);
  exports.beginAnnealing(header, annealing, evaluations);
  for (let done = 0; done < evaluations; done += PAUSE) {
    exports.anneal(header, annealing, Math.min(PAUSE, evaluations - done));
    yield readChain(problem);
  }
}

/** Bytes of a stage's record: its keep set, the factors' digits, then the loops' dimensions from inside out. */
function records({ image, annealing, recordBytes, stages, layout: L }: Problem, which: string): Uint8Array[] {
  const chain = new DataView(image.memory.buffer).getUint32(annealing + L[which], true);
  return stages.map((_, s) => new Uint8Array(image.memory.buffer, chain + s * recordBytes, recordBytes));
}

function writeChain(problem: Problem, steps: readonly TraceStep[]): void {
  const { lattice, stages, space, layout: L } = problem;
  const width = lattice.dims.length;
  const digits = lattice.dims.map(() => 0);
  records(problem, 'A_CHAIN').forEach((record, s) => {
    const stage = stages[s];
    const own = steps.filter((step) => step.stage === s);
    const order: number[] = [];
    record.fill(0);
    for (const { node } of own) {
      for (let d = 0; d < width; d++) {
        const reached = lattice.digits[node * width + d];
        if (reached === digits[d]) continue;
        const list = lattice.divisors[d];
        record[L.C_DIGITS + d] = list.indexOf(list[reached] / list[digits[d]]);
        digits[d] = reached;
        order.push(d);
      }
    }
    const rest = lattice.dims.map((_, d) => d).filter((d) => !order.includes(d));
    record.set([...order, ...rest], L.C_DIGITS + width);
    const isTop = stage.kind === 'memory' && stage.top;
    record[L.C_KEEPS] = isTop
      ? 2 ** space.einsum.tensors.length - 1
      : (own.find(({ opens }) => opens)?.keeps ?? 0);
  });
}

/** The best chain's steps as a trace would tell them. */
function readChain(problem: Problem): TraceStep[] {
  const { lattice, stages, layout: L } = problem;
  const width = lattice.dims.length;
  const digits = lattice.dims.map(() => 0);
  const nodeOf = (): number => digits.reduce((node, digit, d) => node + digit * lattice.strides[d], 0);
  return records(problem, 'A_BEST').flatMap((record, s): TraceStep[] => {
    const keeps = record[L.C_KEEPS];
    const order = [...record.subarray(L.C_DIGITS + width, L.C_DIGITS + 2 * width)];
    const loops = order
      .filter((d) => record[L.C_DIGITS + d] > 0)
      .map((d): TraceStep => {
        const list = lattice.divisors[d];
        digits[d] = list.indexOf(list[digits[d]] * list[record[L.C_DIGITS + d]]);
        return { node: nodeOf(), stage: s, keeps, opens: false };
      });
    if (stages[s].kind === 'array') return [{ node: nodeOf(), stage: s, keeps: 0, opens: false }];
    return stages[s].kind === 'memory' ? [...loops, { node: nodeOf(), stage: s, keeps, opens: true }] : loops;
  });
}
