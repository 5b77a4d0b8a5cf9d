/** Conditions on designs: `rows * columns <= 256`, `area <= 12 mm2`. */
import { InputError } from '../spec/errors.ts';
import type { Variables } from '../spec/expression.ts';
import { evaluate } from '../spec/expression.ts';
import type { Metrics, Rule } from './sweep.ts';
import { METRIC_NAMES } from './sweep.ts';

/** To pJ, seconds, J·s, µm² and watts, the units of the metrics. */
const UNITS: Readonly<Record<string, number>> = {
  um2: 1,
  mm2: 1e6,
  pJ: 1,
  nJ: 1e3,
  uJ: 1e6,
  mJ: 1e9,
  J: 1e12,
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  Js: 1,
  nW: 1e-9,
  uW: 1e-6,
  mW: 1e-3,
  W: 1,
};
const WITH_UNIT = /(\d+(?:\.\d*)?(?:e[+-]?\d+)?)\s*([A-Za-z]\w*)/gi;

/** The text with every number that has a unit in base units. Throws `InputError` for a unit there is not. */
export function inBaseUnits(text: string): string {
  return text.replace(WITH_UNIT, (whole, digits: string, unit: string) => {
    if (['if', 'else', 'and', 'or'].includes(unit)) return whole;
    const factor = UNITS[unit];
    if (factor === undefined) {
      throw new InputError({
        message: `unknown unit '${unit}'`,
        expected: `one of ${Object.keys(UNITS).join(', ')}`,
      });
    }
    return `(${digits} * ${factor})`;
  });
}

/** Metrics a condition names, `cycles` among them. */
export function metricsNamed(text: string): string[] {
  const words = new Set(text.match(/(?<![\w.])[A-Za-z_]\w*/g));
  return [...METRIC_NAMES, 'cycles'].filter((name) => words.has(name));
}

/** True if all rules of the kind hold. Throws `InputError` with the rule's place if one has no value. */
export function allHold(
  rules: readonly Rule[],
  needs: Rule['needs'],
  parameters: Variables,
  metrics: Partial<Metrics> = {},
): boolean {
  const {
    energyPj: energy,
    latencySeconds: latency,
    cycles,
    edpJs: edp,
    ed2pJs2: ed2p,
    areaUm2: area,
    leakageW: leakage,
  } = metrics;
  const known = { energy, latency, cycles, edp, ed2p, area, leakage };
  const values = Object.entries(known).filter((entry): entry is [string, number] => entry[1] !== undefined);
  const variables = { ...Object.fromEntries(values), ...parameters };
  return rules.every((rule) => rule.needs !== needs || valueAt(rule, variables) !== 0);
}

/** Value of an expression of the file, whose complaints name its place and the design. */
export function valueAt({ text, position }: Pick<Rule, 'text' | 'position'>, variables: Variables): number {
  try {
    return evaluate(text, variables);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const design = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const [{ message, ...rest }] = error.diagnostics;
    throw new InputError({ ...rest, message: `${message} (in design ${design.join(' ')})`, position });
  }
}
