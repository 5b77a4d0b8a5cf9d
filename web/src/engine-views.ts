/** What views show of results, as plain data: figures of charts, pictures, texts. Runs in the engine's thread. */
import type {
  Architecture,
  BestReport,
  Einsum,
  ExplainReport,
  Found,
  MappingView,
  RequestStep,
  Roof,
  SearchOutcome,
  SweepOutcome,
  SweepReport,
  SweepView,
} from 'dse/browser';
import {
  bestReport,
  computeUnits,
  distinctLayers,
  drawNest,
  evaluate,
  loadWorkload,
  mappingView,
  roofOf,
  search,
  sweepView,
} from 'dse/browser';
import type { PageSearch } from './engine-worker.ts';
import { archName } from './worker-inputs.ts';

export interface ShownSearch {
  readonly computeUnits: number;
  readonly roof: Roof;
  /** Best mappings, in the order of the report's layers. */
  readonly layers: readonly ShownMapping[];
}

export interface ShownMapping extends MappingView {
  readonly best: BestReport;
  /** The loop nest as text. */
  readonly text: string;
}

export interface Explained {
  readonly report: ExplainReport;
  /** Stopped: what was not searched yet is left out. */
  readonly interrupted: boolean;
}

export interface Swept {
  /** As `dse sweep --json` prints it. */
  readonly report: SweepReport;
  readonly view: SweepView;
  readonly interrupted: boolean;
}

/** One mapping of a search's result: a layer by its name in the report. */
export interface Subject {
  readonly request: PageSearch;
  readonly layer: string;
}

export function shownSearch({ layers, typed: { architecture } }: SearchOutcome): ShownSearch {
  return {
    computeUnits: computeUnits(architecture),
    roof: roofOf(architecture),
    layers: layers.map(({ typed }) => shownMapping(architecture, typed.einsum, typed.best)),
  };
}

/** Of a front's mapping, which a search does not draw. */
export function showMapping({ request, layer }: Subject, mapping: BestReport['mapping']): ShownMapping {
  const { typed } = evaluate({
    arch: archName(request.arch),
    layer: layerOf({ request, layer }),
    mapping,
  });
  return shownMapping(typed.architecture, typed.einsum, typed);
}

function shownMapping(arch: Architecture, einsum: Einsum, found: Found): ShownMapping {
  return {
    ...mappingView(arch, einsum, found),
    best: bestReport(arch, einsum, found),
    text: drawNest(found.mapping, arch, einsum),
  };
}

/** Searches one layer again, then tens of changed machines. */
export async function explained(
  { request, layer }: Subject,
  signal: AbortSignal,
  onStep: (step: RequestStep) => void,
): Promise<Explained> {
  const outcome = await search({
    ...request,
    arch: archName(request.arch),
    layer: layerOf({ request, layer }),
    over: 'layers',
    explain: true,
    signal,
    onStep,
  });
  const [{ explain }] = outcome.layers;
  if (!explain) throw new Error('the search made no explanation');
  return { report: explain, interrupted: signal.aborted };
}

function layerOf({ request, layer }: Subject): Einsum {
  const layers = distinctLayers(loadWorkload(request.layer, { params: request.params }));
  const found = layers.find(({ name }) => name === layer);
  if (!found) throw new Error(`${request.layer} has no layer ${layer}`);
  return found.einsum;
}

export function swept({ typed, ...report }: SweepOutcome): Swept {
  const { sweep, records, interrupted } = typed;
  return { report, view: sweepView({ report, sweep, records }), interrupted };
}
