/** `verify`: re-checks every claim of a saved search result. */
import type { Architecture } from '../arch/architecture.ts';
import { archDigest } from '../arch/digest.ts';
import { totals } from '../report/json.ts';
import type { SearchReport } from '../report/json.ts';
import type { LayerVerdict, VerifyReport } from '../report/verify.ts';
import { parseYaml, readYaml } from '../spec/document.ts';
import type { YamlDocument } from '../spec/document.ts';
import { InputError } from '../spec/errors.ts';
import type { Check, Outcome } from '../verify/claim.ts';
import { checkLayer } from '../verify/claim.ts';
import { readResult } from '../verify/result-file.ts';
import type { LayerClaim, ResultClaim } from '../verify/result-file.ts';
import { packageVersion } from '../version.ts';
import { resolveArchitecture } from './subject.ts';

export interface VerifyRequest {
  /** Path of a saved `dse search --json`, or the result itself. */
  readonly result: string | SearchReport;
  /** The architecture searched: a name, a path or the value. Default what the result names. */
  readonly arch?: string | Architecture;
  /** Seconds for all layers; what is not decided by then is `undecided`. Default none. */
  readonly timeSeconds?: number;
  /** Called before each layer. */
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Aborting leaves what is not decided yet `undecided`. */
  readonly signal?: AbortSignal;
}

export interface VerifyProgress {
  readonly layer: string;
  /** Place of the layer in the result, from 1, and the number of layers. */
  readonly index: number;
  readonly layers: number;
  /** Seconds that this layer and those after it may take, by those before; absent of the first. */
  readonly remainingSeconds?: number;
}

/**
 * Checks each layer of a result: its mappings are legal, obey the constraints and cost what it says, to the last bit;
 * a bound it claims is proved again by an exact search in another order that starts from the bound alone.
 *
 * @throws InputError if the file is no search result, or the architecture is not the one that was searched
 */
export async function verify(request: VerifyRequest): Promise<VerifyReport> {
  const started = performance.now();
  const claim = readResult(documentOf(request.result));
  const arch = resolveArchitecture(request.arch ?? archOf(claim));
  assertSameArchitecture(claim, arch);
  const deadline = performance.now() + (request.timeSeconds ?? Infinity) * 1000;
  const layers: LayerVerdict[] = [];
  for (const [i, layer] of claim.layers.entries()) {
    const of = claim.layers.length;
    const elapsed = (performance.now() - started) / 1000;
    const remainingSeconds = i > 0 ? (elapsed / i) * (of - i) : undefined;
    request.onProgress?.({ layer: layer.name, index: i + 1, layers: of, remainingSeconds });
    const timeSeconds = Math.max(0, (deadline - performance.now()) / 1000);
    layers.push(await verdictOf(claim, layer, arch, { timeSeconds, signal: request.signal }));
  }
  const total = totalCheck(claim);
  const outcome = worst([...layers.map(({ verdict }) => verdict), total.outcome]);
  return {
    schema: 'dse.verify/1',
    arch: arch.name,
    archDigest: claim.archDigest,
    objective: claim.document.at(['objective']) as string,
    verdict: outcome,
    layers,
    total,
    seconds: (performance.now() - started) / 1000,
    version: packageVersion(),
  };
}

function documentOf(result: string | SearchReport): YamlDocument {
  if (typeof result === 'string') return readYaml(result);
  return parseYaml(JSON.stringify(result, undefined, 1), 'result');
}

function archOf({ arch, archFile }: ResultClaim): string {
  if (archFile !== null) return archFile;
  throw new InputError({
    message: `the result does not say where '${arch}' was read`,
    expected: 'the architecture that was searched',
    suggestion: 'name its file with --arch',
  });
}

function assertSameArchitecture({ document, archDigest: claimed }: ResultClaim, arch: Architecture): void {
  const actual = archDigest(arch);
  if (actual === claimed) return;
  document.fail(
    ['archDigest'],
    `'${arch.name}' is not the architecture of this result: it has changed since`,
    {
      expected: actual,
      suggestion: 'name the file as it was with --arch, or search again',
    },
  );
}

async function verdictOf(
  result: ResultClaim,
  layer: LayerClaim,
  arch: Architecture,
  options: Parameters<typeof checkLayer>[3],
): Promise<LayerVerdict> {
  const started = performance.now();
  const { checks, visited } = await checkLayer(result, layer, arch, options);
  const { status: claim, lowerBound } = layer.certificate;
  return {
    name: layer.name,
    claim,
    lowerBound,
    verdict: worst(checks.map((check) => check.outcome)),
    checks,
    visited,
    seconds: (performance.now() - started) / 1000,
  };
}

function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('failed')) return 'failed';
  return outcomes.includes('undecided') ? 'undecided' : 'passed';
}

function totalCheck({ layers, total }: ResultClaim): Check {
  const actual = totals(layers);
  const keys = ['energyPj', 'cycles', 'latencySeconds', 'edpJs'] as const;
  const wrong = keys.filter((key) => actual[key] !== total[key]);
  const texts = wrong.map((key) => `${key} is ${actual[key]}, not ${total[key]}`);
  if (wrong.length > 0) return { name: 'total', outcome: 'failed', message: texts.join('; ') };
  return { name: 'total', outcome: 'passed', message: 'the sum over layers times their counts' };
}
