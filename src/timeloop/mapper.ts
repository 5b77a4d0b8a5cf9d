/** Reads Timeloop's mapper settings; what a search of ours has no counterpart for is said. */
import type { Diagnostic } from '../spec/errors.ts';
import type { Cursor } from './tree.ts';

/** Settings a search can use; absent means Timeloop's file leaves them open. */
export interface MapperSettings {
  /** Timeloop's name: random, exhaustive, linear_pruned, random_pruned, hybrid. */
  readonly algorithm?: string;
  /** Timeloop's metric names, most important first. */
  readonly metrics: readonly string[];
  readonly threads?: number;
  /** Mappings to evaluate at most. */
  readonly evaluations?: number;
  /** Mappings without an improvement after which a thread stops. */
  readonly patience?: number;
}

const UNUSED = [
  'version', 'live_status', 'diagnostics', 'out_prefix', 'log_stats', 'log_suboptimal', 'log_all', 'log_interval',
  'log_oaves', 'log_oaves_mappings', 'log_mappings_yaml', 'log_mappings_verbose', 'emit_whoop_nest', 'sync_interval',
  'max_permutations_per_if_visit', 'penalize_consecutive_bypass_fails', 'max_temporal_loops_in_a_mapping',
  'filter_revisits', 'num_fast_threads', 'revisit_invalid',
]; // prettier-ignore

export function readMapper(at: Cursor): MapperSettings {
  at.mapping('mapper settings');
  at.expectKeys(
    [
      'algorithm',
      'optimization_metrics',
      'optimization_metric',
      'num_threads',
      'search_size',
      'victory_condition',
      'timeout',
    ],
    UNUSED,
  );
  const timeout = at.get('timeout');
  if (timeout && timeout.integer("'timeout'", 0) > 0) {
    timeout.warn("'timeout' counts consecutive invalid mappings; our search makes none, so it is left out");
  }
  const metrics = [at.get('optimization_metrics'), at.get('optimization_metric')].flatMap(
    (given) => given?.texts('a metric') ?? [],
  );
  const positive = (key: string): number | undefined => at.get(key)?.integer(`'${key}'`, 0) || undefined;
  return {
    algorithm: at.get('algorithm')?.text('an algorithm').replaceAll('-', '_'),
    metrics,
    threads: positive('num_threads'),
    evaluations: positive('search_size'),
    patience: positive('victory_condition'),
  };
}

/** Settings of a search of ours. */
export interface SearchSettings {
  readonly objective: 'edp' | 'energy' | 'latency';
  readonly threads?: number;
}

const OBJECTIVES: Readonly<Record<string, SearchSettings['objective']>> = {
  edp: 'edp',
  energy: 'energy',
  delay: 'latency',
  latency: 'latency',
  cycles: 'latency',
};
/** The search that comes nearest to Timeloop's mapper; every setting that has no counterpart is named. */
export function toSearchSettings(mapper: MapperSettings | undefined): {
  readonly settings: SearchSettings;
  readonly warnings: readonly Diagnostic[];
} {
  if (!mapper) return { settings: { objective: 'edp' }, warnings: [] };
  const [first = 'edp', ...others] = mapper.metrics;
  const warnings = [
    ...(OBJECTIVES[first] ? [] : [`optimization metric '${first}' has no counterpart: edp is used`]),
    ...(others.length > 0
      ? [`only the first optimization metric counts; left out: ${others.join(', ')}`]
      : []),
    ...samplingSettings(mapper),
  ];
  return {
    settings: { objective: OBJECTIVES[first] ?? 'edp', threads: mapper.threads },
    warnings: warnings.map((message) => ({ message })),
  };
}

/** How Timeloop samples its space does not matter to a search that proves its result. */
function samplingSettings({ algorithm, evaluations, patience }: MapperSettings): string[] {
  const flags = [
    evaluations === undefined ? [] : [`--evaluations ${evaluations}`],
    patience === undefined ? [] : [`--patience ${patience}`],
  ].flat();
  if (algorithm === undefined && flags.length === 0) return [];
  const name = algorithm ?? 'of the mapper';
  return [
    `the algorithm ${name} and its limits are left out: the search is exact; ` +
      `'${['--strategy random', ...flags].join(' ')}' samples instead`,
  ];
}
