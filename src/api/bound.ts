/** `trafficBound`: the least traffic between a backing store and a buffer, for every size of the buffer. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { instances, keeping, memories, names } from '../arch/architecture.ts';
import { trafficCurve } from '../bound/curve.ts';
import type { CurveOptions, TrafficCurve } from '../bound/curve.ts';
import { machineAround, twoMemories } from '../bound/machine.ts';
import { boundReport } from '../report/bound.ts';
import type { BoundReport } from '../report/bound.ts';
import { InputError } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import type { Einsum, Tensor } from '../workload/einsum.ts';
import type { Workload } from '../workload/workload.ts';
import { resolveArchitecture, resolveLayer } from './subject.ts';
import type { Parameters } from './subject.ts';

export interface BoundRequest {
  /** A selector that names one shape (`resnet50.conv3_1.b`, `gemm:M=64,N=64,K=64`), or the value. */
  readonly layer: string | Einsum | Workload;
  /** Parameters of the layer's network. */
  readonly params?: Parameters;
  /** Takes names and data widths from this architecture: a name, a path of a YAML file, or the value. */
  readonly arch?: string | Architecture;
  /** With `arch`: the buffer; default the first memory inside the outermost, which is the backing store. */
  readonly memory?: string;
  /**
   * Tensors the buffer keeps, by name or role. Default all, or with `arch` those the memory keeps or may keep. The others
   * are streamed, a word at every multiply-accumulate; with `arch`, if a further memory may keep them, counted once.
   */
  readonly keep?: readonly string[];
  /** Called now and then with the tiles looked at and all of them. */
  readonly onProgress?: CurveOptions['onProgress'];
}

/** The figures as `dse bound --json` prints them, and the same as typed values. */
export interface TrafficBound extends BoundReport {
  readonly typed: { readonly curve: TrafficCurve };
}

/**
 * The exact curve of least traffic against buffer size: over every tile whose extents divide the layer's bounds and
 * every order of the loops outside. Sizes and traffic in words.
 *
 * @throws InputError for a name, file or value that is not valid, or a layer with too many tiles
 */
export function trafficBound(request: BoundRequest): TrafficBound {
  const einsum = resolveLayer(request.layer, request.params, 'a bound');
  const subject = subjectOf(request, einsum);
  const started = performance.now();
  const curve = trafficCurve(einsum, { ...subject, onProgress: request.onProgress });
  const seconds = (performance.now() - started) / 1000;
  const report = boundReport(curve, { arch: subject.arch, buffer: subject.buffer, seconds });
  return { ...report, typed: { curve } };
}

interface Subject extends CurveOptions {
  readonly machine: Architecture;
  readonly arch?: Architecture;
  /** As it stands in `arch`. */
  readonly buffer?: Memory;
}

function subjectOf({ arch: named, memory, keep }: BoundRequest, einsum: Einsum): Subject {
  if (keep !== undefined) assertTensors(keep, einsum);
  if (named !== undefined) {
    const arch = resolveArchitecture(named);
    return subjectOnMachine(arch, bufferOf(arch, memory), keep, einsum);
  }
  if (memory === undefined) return { machine: twoMemories(keep) };
  throw new InputError({ message: `memory '${memory}' of which architecture?`, expected: 'an architecture' });
}

function subjectOnMachine(
  arch: Architecture,
  buffer: Memory,
  keep: readonly string[] | undefined,
  einsum: Einsum,
): Subject {
  const keeps = (tensor: Tensor): boolean =>
    keep === undefined ? keeping(arch, buffer, tensor) !== 'bypass' : names(keep, tensor);
  const others = memories(arch).filter((memory, m) => m > 0 && memory !== buffer);
  const kept = einsum.tensors.filter(keeps).map(({ name }) => name);
  const heldElsewhere = einsum.tensors.flatMap((tensor, t) =>
    !keeps(tensor) && others.some((memory) => keeping(arch, memory, tensor) !== 'bypass') ? [t] : [],
  );
  return { machine: machineAround(arch, buffer, kept), arch, buffer, heldElsewhere };
}

/** A memory inside the outermost, of which the chip has one. */
function bufferOf(arch: Architecture, name: string | undefined): Memory {
  const inner = memories(arch).slice(1);
  const choices = inner.map((memory) => memory.name);
  const found =
    name === undefined ? inner[0] : inner.find((memory) => memory.name.toLowerCase() === name.toLowerCase());
  if (!found) {
    throw new InputError({
      message:
        name === undefined ? `${arch.name} has a single memory` : `${arch.name} has no buffer '${name}'`,
      expected: choices.length > 0 ? `one of ${choices.join(', ')}` : 'a memory inside the backing store',
      suggestion: name === undefined ? undefined : didYouMean(name, choices),
    });
  }
  const copies = instances(arch, arch.nodes.indexOf(found));
  if (copies === 1) return found;
  throw new InputError({
    message: `${arch.name} has ${copies} of ${found.name}: the bound is of one buffer`,
    expected: 'a memory outside the arrays',
    suggestion: 'leave the architecture out for the curve of a buffer of any size',
  });
}

function assertTensors(keep: readonly string[], einsum: Einsum): void {
  const known = [...einsum.tensors.flatMap(({ name, role }) => [name, role]), 'all'];
  for (const word of keep) {
    if (einsum.tensors.some((tensor) => names([word], tensor))) continue;
    throw new InputError({
      message: `${einsum.name} has no tensor '${word}'`,
      expected: `some of ${einsum.tensors.map(({ name }) => name).join(', ')}`,
      suggestion: didYouMean(word, known),
    });
  }
}
