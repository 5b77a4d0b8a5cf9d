/** `search` with activations that stay on chip: which may, the searches of layers beside them, and the best choice. */
import type { Architecture, Memory } from '../arch/architecture.ts';
import { memories, usableWords, wordsPerElement } from '../arch/architecture.ts';
import type { Rule } from '../mapspace/constraints.ts';
import { residentRefusal } from '../mapspace/contradictions.ts';
import { buildMapspace, outlineSpace } from '../mapspace/mapspace.ts';
import type { Totals } from '../network/product.ts';
import type { Candidate, Presence, ResidencyOptions } from '../network/residency.ts';
import { leastResidency, presences } from '../network/residency.ts';
import type { ActivationReport, LayerReport } from '../report/json.ts';
import { leastCycles, leastEnergyPj } from '../search/bound.ts';
import { LimitError } from '../search/errors.ts';
import { goalOf, objectiveValue } from '../search/objective.ts';
import { InfeasibleError, InputError } from '../spec/errors.ts';
import type { Activation } from '../workload/activations.ts';
import { shapeKey } from '../workload/distinct.ts';
import { outputIndex, tensorWords } from '../workload/einsum.ts';
import type { Layer, Workload } from '../workload/workload.ts';
import type { Job, Result, SearchRequest } from './search.ts';

/** @throws InputError if the request asks for residency and for what it cannot be had with */
export function assertResident(request: SearchRequest): void {
  if (!request.resident) return;
  const { over, strategy = 'exact', evaluations, patience, timeSeconds, objective = 'edp' } = request;
  const refuse = (message: string, suggestion: string): never => {
    throw new InputError({ message, suggestion });
  };
  if (over !== 'network') refuse('what stays on chip is a choice over a whole network', 'use --network');
  if (strategy !== 'exact') refuse('what stays on chip is chosen by exact searches', 'leave out --strategy');
  if ([evaluations, patience, timeSeconds].some((limit) => limit !== undefined))
    refuse('what stays on chip is chosen without limits on the search', 'leave them out, or give a --gap');
  if (goalOf(objective).kind === 'lexicographic')
    refuse(
      'what stays on chip is chosen for one quantity',
      'name energy, latency, edp, ed2p or a weighted sum',
    );
}

/** Layers of a network under an objective that adds up over them. */
export interface Solved {
  readonly results: readonly Result[];
  /** No choice of mappings, and of what stays on chip, has a smaller sum. */
  readonly lowerBound: number;
}

interface Subject {
  readonly arch: Architecture;
  readonly workload: Workload;
  /** One per distinct shape, without anything resident. */
  readonly jobs: readonly Job[];
}

/** A layer beside what is there while it runs. */
interface Variant {
  readonly job: number;
  /** Its resident tensors, ascending. */
  readonly tensors: readonly number[];
  /** Words of the memory that others take. */
  readonly reserve: number;
}

/** A network of which some activations may stay in one memory. */
export class ResidentNetwork {
  readonly memory: Memory;
  readonly #subject: Subject;
  readonly #activations: readonly Activation[];
  /** By activation: words in the memory, and why it cannot stay there. */
  readonly #words: readonly number[];
  readonly #reasons: (string | undefined)[];
  /** Activation of each candidate. */
  readonly #candidates: readonly number[];
  readonly #spans: readonly Candidate[];
  /** Distinct shape of each layer. */
  readonly #shapes: readonly number[];
  /** By layer. */
  readonly #presences: readonly (readonly Presence[])[];

  /** @throws InputError if nobody says which layer reads which, or no memory can hold what passes between them */
  constructor(subject: Subject) {
    const { workload, jobs } = subject;
    this.#subject = subject;
    this.#activations = knownActivations(workload);
    const keys = jobs.map(({ layer }) => shapeKey(layer.einsum));
    this.#shapes = workload.layers.map(({ einsum }) => keys.indexOf(shapeKey(einsum)));
    this.memory = homeMemory(subject, this.#shapes, this.#activations);
    this.#words = this.#activations.map((activation) => wordsOf(this.memory, workload.layers, activation));
    this.#reasons = this.#activations.map(
      (activation, a) => activation.leaves ?? this.#misfit(activation, this.#words[a]),
    );
    this.#candidates = this.#manageable();
    this.#spans = this.#candidates.map((a) => this.#span(a));
    this.#presences = presences(this.#space(this.#spans));
  }

  /** Bounds of the totals that need no search. */
  get least(): Totals {
    const { arch, workload } = this.#subject;
    const perLayer = workload.layers.map(({ count }, layer) => {
      const spaces = distinct(this.#presences[layer].map((here) => this.#variant(layer, here).tensors)).map(
        (tensors) => {
          const { layer: shape, constraints } = this.#jobOf({
            job: this.#shapes[layer],
            tensors,
            reserve: 0,
          });
          return outlineSpace(arch, shape.einsum, constraints);
        },
      );
      return {
        energyPj: count * Math.min(...spaces.map(leastEnergyPj)),
        cycles: count * Math.min(...spaces.map(leastCycles)),
      };
    });
    const sum = (of: (totals: Totals) => number): number => perLayer.reduce((all, one) => all + of(one), 0);
    return { energyPj: sum(({ energyPj }) => energyPj), cycles: sum(({ cycles }) => cycles) };
  }

  /** The least sum of the objective over the layers; `run` searches jobs side by side. */
  async solve(
    request: SearchRequest,
    run: (jobs: readonly Job[]) => Promise<readonly Result[]>,
  ): Promise<Solved> {
    const { layers } = this.#subject.workload;
    const found = await this.#searchVariants(request, run);
    const [quantity] = goalOf(request.objective ?? 'edp').quantities;
    const resultOf = (layer: number, here: Presence): Result['result'] | undefined =>
      found.get(variantKey(this.#variant(layer, here)))?.result;
    const value = (layer: number, here: Presence): number => {
      const result = resultOf(layer, here);
      if (!result || result instanceof LimitError) return Infinity;
      return (
        layers[layer].count * objectiveValue(quantity, result.best.cost.energyPj, result.best.cost.cycles)
      );
    };
    const bound = (layer: number, here: Presence): number => {
      const result = resultOf(layer, here);
      if (!result || result instanceof LimitError) return request.signal?.aborted ? 0 : Infinity;
      return layers[layer].count * (result.certificate.lowerBound ?? 0);
    };
    const space = this.#space(this.#spans);
    const { present } = leastResidency({ ...space, cost: value });
    return {
      results: this.#chosen(present, found),
      lowerBound: leastResidency({ ...space, cost: bound }).total,
    };
  }

  /** The activations, and which of them stay in a result. */
  report(found: readonly Pick<LayerReport, 'names' | 'constraints'>[]): ActivationReport[] {
    const { layers } = this.#subject.workload;
    const name = (place: number): string => layers[place].name;
    const rules = new Map(
      found.flatMap(({ names, constraints = [] }) => names.map((own) => [own, constraints] as const)),
    );
    return this.#activations.map(({ producer, uses }, a) => {
      const { einsum } = layers[producer];
      const output = einsum.tensors[outputIndex(einsum)].name;
      const own = rules.get(name(producer)) ?? [];
      const resident = own.some((rule) => Array.isArray(rule.resident) && rule.resident.includes(output));
      const reason = this.#reasons[a];
      return {
        layer: name(producer),
        words: this.#words[a],
        readers: uses.filter(({ tensor }) => tensor !== undefined).map(({ layer }) => name(layer)),
        added: uses.filter(({ tensor }) => tensor === undefined).map(({ layer }) => name(layer)),
        resident,
        ...(reason !== undefined && { reason }),
      };
    });
  }

  #space(candidates: readonly Candidate[]): Omit<ResidencyOptions, 'cost'> {
    const layers = this.#subject.workload.layers.length;
    return { layers, candidates, room: usableWords(this.memory) };
  }

  #span(a: number): Candidate {
    const { producer, uses } = this.#activations[a];
    return { first: producer, last: Math.max(...uses.map(({ layer }) => layer)), words: this.#words[a] };
  }

  #misfit(activation: Activation, words: number): string | undefined {
    const { arch, jobs, workload } = this.#subject;
    const room = usableWords(this.memory);
    const tensors = tensorsOf(workload.layers, activation);
    const wrong = tensors.find(
      ({ layer, tensor }) => !mayLive(arch, jobs[this.#shapes[layer]], this.memory, tensor),
    );
    if (wrong) {
      const { einsum, name } = workload.layers[wrong.layer];
      return `${this.memory.name} does not keep ${einsum.tensors[wrong.tensor].name} of ${name}`;
    }
    return words > room ? `it needs ${words} of the ${room} words of ${this.memory.name}` : undefined;
  }

  /** Activations that may stay: those that are there longest are given up while too many sets are possible. */
  #manageable(): number[] {
    const all = this.#reasons.flatMap((reason, a) => (reason === undefined ? [a] : []));
    const length = (a: number): number => this.#span(a).last - this.#span(a).first;
    for (;;) {
      try {
        presences(this.#space(all.map((a) => this.#span(a))));
        return all;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        const longest = all.reduce((most, a) => (length(a) > length(most) ? a : most));
        all.splice(all.indexOf(longest), 1);
        this.#reasons[longest] = 'too many activations are alive at once to try it';
      }
    }
  }

  #variant(layer: number, here: Presence): Variant {
    const { einsum } = this.#subject.workload.layers[layer];
    const own = here.flatMap((c) => {
      const activation = this.#activations[this.#candidates[c]];
      const read = activation.uses.flatMap((use) =>
        use.layer === layer && use.tensor !== undefined ? [use.tensor] : [],
      );
      return activation.producer === layer ? [...read, outputIndex(einsum)] : read;
    });
    const tensors = [...new Set(own)].toSorted((a, b) => a - b);
    const held = tensors.reduce((sum, t) => {
      const tensor = einsum.tensors[t];
      return sum + tensorWords(einsum, tensor) * wordsPerElement(this.memory, tensor);
    }, 0);
    const taken = here.reduce((sum, c) => sum + this.#spans[c].words, 0);
    return { job: this.#shapes[layer], tensors, reserve: Math.max(0, taken - held) };
  }

  #jobOf({ job: index, tensors, reserve }: Variant): Job {
    const job = this.#subject.jobs[index];
    if (tensors.length === 0 && reserve === 0) return job;
    const node = this.#subject.arch.nodes.indexOf(this.memory);
    const rules: Rule[] = tensors.map((tensor) => ({ kind: 'resident', node, tensor }));
    if (reserve > 0) rules.push({ kind: 'reserve', node, words: reserve });
    return {
      layer: job.layer,
      given: [...job.given, ...rules],
      constraints: [...job.constraints, ...rules],
      optional: true,
    };
  }

  /**
   * Results by variant. Each is searched with nothing reserved first: a mapping that leaves the room is the best beside
   * what takes it, too.
   */
  async #searchVariants(
    request: SearchRequest,
    run: (jobs: readonly Job[]) => Promise<readonly Result[]>,
  ): Promise<Map<string, Result>> {
    const wanted = this.#presences.flatMap((list, layer) => list.map((here) => this.#variant(layer, here)));
    const all = [...new Map(wanted.map((variant) => [variantKey(variant), variant])).values()];
    const found = new Map<string, Result>();
    const search = async (variants: readonly Variant[]): Promise<void> => {
      const possible = variants.filter((variant) => this.#isPossible(variant, request));
      const results = possible.length > 0 ? await run(possible.map((variant) => this.#jobOf(variant))) : [];
      results.forEach((result, i) => found.set(variantKey(possible[i]), result));
    };
    const alone = (variant: Variant): Variant => ({ ...variant, reserve: 0 });
    await search([...new Map(all.map((v) => [variantKey(alone(v)), alone(v)])).values()]);
    const index = memories(this.#subject.arch).indexOf(this.memory);
    const tight = all.flatMap((variant): Variant[] => {
      const result = found.get(variantKey(alone(variant)))?.result;
      if (variant.reserve === 0 || !result || result instanceof LimitError) return [];
      const { usedWords, usableWords: usable } = result.best.cost.memories[index];
      if (usedWords + variant.reserve > usable) return [variant];
      found.set(variantKey(variant), { job: this.#jobOf(variant), result });
      return [];
    });
    await search(tight);
    return found;
  }

  #isPossible(variant: Variant, { uneven }: SearchRequest): boolean {
    const { layer, constraints, optional } = this.#jobOf(variant);
    if (!optional) return true;
    try {
      buildMapspace(this.#subject.arch, layer.einsum, constraints, uneven);
      return true;
    } catch (error) {
      if (error instanceof InfeasibleError) return false;
      throw error;
    }
  }

  /** One result per variant in use, in order of first use, that stands for all its layers. */
  #chosen(present: readonly Presence[], found: ReadonlyMap<string, Result>): Result[] {
    const groups = new Map<string, { result: Result; layers: Layer[] }>();
    this.#subject.workload.layers.forEach((layer, place) => {
      const key = variantKey(this.#variant(place, present[place]));
      const group = groups.get(key);
      if (group) group.layers.push(layer);
      else groups.set(key, { result: found.get(key) as Result, layers: [layer] });
    });
    return [...groups.values()].map(({ result, layers: [first, ...others] }) => {
      const all = [first, ...others];
      const count = all.reduce((sum, layer) => sum + layer.count, 0);
      const layer = { ...first, count, names: all.map(({ name }) => name) };
      return { ...result, job: { ...result.job, layer } };
    });
  }
}

function variantKey({ job, tensors, reserve }: Variant): string {
  return JSON.stringify([job, tensors, reserve]);
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function knownActivations({ activations, name }: Workload): readonly Activation[] {
  if (activations) return activations;
  throw new InputError({
    message: `nothing says which layer of ${name} reads whose outputs, so that none can stay on chip`,
    suggestion: 'add a graph to the network file, or give an ONNX file',
  });
}

/** Operands and results that an activation is, by layer. */
function tensorsOf(
  layers: readonly Layer[],
  { producer, uses }: Activation,
): { layer: number; tensor: number }[] {
  const written = { layer: producer, tensor: outputIndex(layers[producer].einsum) };
  return [written, ...uses.flatMap(({ layer, tensor }) => (tensor === undefined ? [] : [{ layer, tensor }]))];
}

/** As large as the largest of the tensors that it is: operands count padding. */
function wordsOf(memory: Memory, layers: readonly Layer[], activation: Activation): number {
  const words = tensorsOf(layers, activation).map(({ layer, tensor }) => {
    const { einsum } = layers[layer];
    return tensorWords(einsum, einsum.tensors[tensor]) * wordsPerElement(memory, einsum.tensors[tensor]);
  });
  return Math.max(...words);
}

/** The outermost memory on chip that may hold outputs and the operands they become. */
function homeMemory(
  { arch, jobs, workload }: Subject,
  shapes: readonly number[],
  activations: readonly Activation[],
): Memory {
  const holds = (memory: Memory): boolean =>
    activations.some(
      (activation) =>
        activation.uses.length > 0 &&
        tensorsOf(workload.layers, activation).every(({ layer, tensor }) =>
          mayLive(arch, jobs[shapes[layer]], memory, tensor),
        ),
    );
  const found = memories(arch).slice(1).find(holds);
  if (found) return found;
  throw new InputError({
    message: `no memory of ${arch.name} inside ${arch.nodes[0].name} keeps both what a layer writes and what the next one reads`,
    suggestion: 'leave out --resident',
  });
}

function mayLive(arch: Architecture, { layer, constraints }: Job, memory: Memory, tensor: number): boolean {
  return residentRefusal(arch, layer.einsum, constraints, arch.nodes.indexOf(memory), tensor) === undefined;
}
