/** What all doors of the API have in common: it runs in Node and in browsers alike. */
export { evaluate } from './api/evaluate.ts';
export type { EvaluateRequest, Evaluation } from './api/evaluate.ts';
export { trafficBound } from './api/bound.ts';
export type { BoundRequest, TrafficBound } from './api/bound.ts';
export { search, searchReport } from './api/search.ts';
export type {
  LayerOutcome,
  RequestProgress,
  RequestStep,
  SearchOutcome,
  SearchRequest,
} from './api/search.ts';
export type { SweepOutcome } from './api/sweep-run.ts';
export type { DesignRecord, Metrics } from './explore/sweep.ts';
export type { DesignReport, SweepReport } from './report/sweep.ts';
export type { Parameters } from './api/subject.ts';
export { filesFromTimeloop } from './api/timeloop.ts';
export { verify } from './api/verify.ts';
export type { VerifyProgress, VerifyRequest } from './api/verify.ts';

export { parseArchitecture } from './api/architecture.ts';
export { loadTimeloop } from './api/timeloop.ts';
export type { ConvertedFiles } from './api/timeloop.ts';
export { architectureSource, loadArchitecture, listArchitectures } from './arch/load.ts';
export { withArray, withMemory } from './arch/vary.ts';
export type { ArrayChanges, MemoryChanges } from './arch/vary.ts';
export { computeUnits, fanouts, instances, memories } from './arch/architecture.ts';
export type {
  Architecture,
  Bandwidth,
  Compute,
  Fanout,
  LibraryUse,
  Memory,
  MemoryEnergy,
  Node,
  TensorSelector,
} from './arch/architecture.ts';
export { drawArchitecture } from './arch/draw.ts';
export { drawProvenance } from './arch/provenance.ts';
export { architectureToYaml } from './arch/write.ts';

export { estimate } from './energy/estimate.ts';
export type { MemoryEstimate, OperationEstimate } from './energy/estimate.ts';
export type {
  AdderRequest,
  ComponentRequest,
  DramKind,
  DramRequest,
  MacRequest,
  MemoryRequest,
  NumberType,
  OperationRequest,
  RegfileRequest,
  SramRequest,
  WireRequest,
} from './energy/request.ts';
export { TECHNOLOGIES } from './energy/technology.ts';
export type { TechnologyNm } from './energy/technology.ts';

export { loadWorkload } from './workload/select.ts';
export type { WorkloadOptions } from './workload/select.ts';
export { listWorkloads, workloadNames } from './workload/zoo.ts';
export type { NetworkSummary } from './workload/zoo.ts';
export { distinctLayers } from './workload/distinct.ts';
export { parseLayer } from './workload/shorthand.ts';
export type { Activation, Use } from './workload/activations.ts';
export type { DistinctLayer, Layer, NotCosted, Workload } from './workload/workload.ts';
export { macs, tensorWords } from './workload/einsum.ts';
export type { Dimension, Einsum, Rank, Role, Tensor, Term } from './workload/einsum.ts';

export { parseMapping } from './api/mapping.ts';
export { mappingToJson, mappingToYaml } from './mapping/write.ts';
export { checkMapping } from './mapping/legality.ts';
export type { Violation } from './mapping/legality.ts';
export { drawNest } from './mapping/draw.ts';
export type { MappingFile } from './mapping/file.ts';
export type { Loop, Mapping, NestItem, SpatialLoop, Station, TemporalLoop } from './mapping/mapping.ts';

export type {
  AccessCounts,
  Cost,
  MemoryCost,
  NetworkCost,
  NetworkTensorCost,
  TensorCost,
} from './model/cost.ts';
export type { CurvePoint, TensorShare, TrafficCurve, Treatment } from './bound/curve.ts';
export { drawBound } from './report/bound-svg.ts';
export { drawMachine } from './report/machine-svg.ts';
export type { MachineSubject } from './report/machine-svg.ts';
export type { BoundReport, CapacityReport, MemoryReport, PointReport } from './report/bound.ts';
export type {
  ActivationReport,
  BestReport,
  EinsumReport,
  EvalReport,
  Found,
  InterLayerReport,
  LayerReport,
  LevelReport,
  LevelTensorReport,
  NetworkReport,
  ResidencyReport,
  SearchReport,
  Totals,
  TrafficReport,
} from './report/json.ts';
export type { ExplainReport } from './report/explain.ts';
export type { PaddingReport } from './report/padding.ts';
export type { LayerVerdict, VerifyReport } from './report/verify.ts';
export type { Check, CheckName, Outcome } from './verify/claim.ts';
export type { Certificate, Pruned } from './search/certificate.ts';
export type { Objective, ObjectiveName, Weights } from './search/objective.ts';
export type { SearchProgress } from './search/search.ts';
export type { StrategyName } from './search/strategy.ts';

export { LimitError } from './search/errors.ts';
export { InfeasibleError, InputError } from './spec/errors.ts';
export type { Diagnostic, SourcePosition } from './spec/errors.ts';
export { renderDiagnostics } from './spec/render.ts';
