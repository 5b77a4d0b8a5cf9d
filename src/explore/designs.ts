/** From a point of the grid to its parameters and its architecture. */
import { stringify } from 'yaml';
import type { Architecture } from '../arch/architecture.ts';
import { parseArchitecture } from '../arch/load.ts';
import type { YamlDocument } from '../spec/document.ts';
import { InputError } from '../spec/errors.ts';
import { allHold, valueAt } from './rules.ts';
import type { Digits, Sweep } from './sweep.ts';

export type DesignParameters = Readonly<Record<string, number>>;

/** Values of the axes and of what they determine. Throws `InputError` if an expression has none. */
export function parametersOf({ axes, derived }: Sweep, digits: Digits): DesignParameters {
  const values: Record<string, number> = {};
  axes.forEach(({ name, values: own }, i) => (values[name] = own[digits[i]]));
  for (const expression of derived) values[expression.name] = valueAt(expression, values);
  return values;
}

/** True if the rules on parameters alone hold. */
export function mayBe(sweep: Sweep, parameters: DesignParameters): boolean {
  return allHold(sweep.rules, 'parameters', parameters);
}

/**
 * The design's architecture.
 *
 * @throws InputError if its file cannot say so: the place in that file, and the design
 */
export function architectureOf(sweep: Sweep, parameters: DesignParameters): Architecture {
  try {
    return parseArchitecture(documentOf(sweep, parameters));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const design = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    throw new InputError(
      error.diagnostics.map((one) => ({ ...one, message: `${one.message} (in design ${design.join(' ')})` })),
    );
  }
}

/** Text of the design's architecture file. */
export function architectureText(sweep: Sweep, parameters: DesignParameters): string {
  return stringify(documentOf(sweep, parameters).value, { lineWidth: 0 });
}

/** Parameters come before the file's own variables, which may use them, and replace those of their name. */
function documentOf({ architecture, settings }: Sweep, parameters: DesignParameters): YamlDocument {
  const own = architecture.at(['variables']);
  const known = typeof own === 'object' && own !== null ? own : {};
  return architecture.with([
    { path: ['variables'], value: { ...parameters, ...known, ...parameters } },
    ...settings,
  ]);
}
