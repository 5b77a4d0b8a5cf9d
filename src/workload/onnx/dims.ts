/** Dynamic dimensions of a model: their names, and the shapes that values of them give. */
import { InputError } from '../../spec/errors.ts';
import { type Variables, evaluate } from '../../spec/expression.ts';
import type { Extent, OnnxModel, ValueInfo } from './model.ts';
import { shapeText } from './tensor.ts';

/** What the model reads from outside: graph inputs that no initializer fills. */
function dataInputs({ inputs, initializers }: OnnxModel): ValueInfo[] {
  const filled = new Set(initializers.map(({ name }) => name));
  return inputs.filter(({ name }) => !filled.has(name));
}

/** Names of all dimensions that can be set, those of inputs first. */
export function dynamicDims(model: OnnxModel): string[] {
  const ofInputs = dataInputs(model).flatMap((input) =>
    (input.extents ?? []).flatMap((extent, axis) => dimName(input, extent, axis) ?? []),
  );
  const stated = model.stated.flatMap(({ extents = [] }) =>
    extents.filter((extent) => typeof extent === 'string' && extent !== ''),
  );
  return [...new Set([...ofInputs, ...stated.map(String)])];
}

/** An extent that the file leaves open, or states as 0 or less, has the name `input[axis]`. */
function dimName({ name }: ValueInfo, extent: Extent, axis: number): string | undefined {
  if (typeof extent === 'number') return extent >= 1 ? undefined : `${name}[${axis}]`;
  return extent === '' ? `${name}[${axis}]` : extent;
}

/** Shapes of the model's inputs. Throws `InputError` with every dimension that has no value. */
export function inputShapes(model: OnnxModel, values: Variables): Map<string, readonly number[]> {
  const missing = new Map<string, string>();
  const shapes = new Map<string, readonly number[]>();
  for (const input of dataInputs(model)) {
    if (!input.extents) continue;
    const shape = input.extents.map((extent, axis) => {
      const name = dimName(input, extent, axis);
      if (name === undefined) return extent as number;
      const value = valueOf(name, values);
      if (value === undefined && !missing.has(name))
        missing.set(name, `${input.name} ${shapeText(input.extents!)}`);
      return value ?? 1;
    });
    shapes.set(input.name, shape);
  }
  if (missing.size > 0) throw unset(model, missing);
  return shapes;
}

/** A value given by name, or the value of an expression over others: `past_length + 1`. */
function valueOf(name: string, values: Variables): number | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  if (/^\w+$/.test(name) || name.includes('[')) return undefined;
  try {
    const value = evaluate(name, values);
    return Number.isInteger(value) && value >= 1 ? value : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function unset({ file }: OnnxModel, missing: ReadonlyMap<string, string>): InputError {
  const names = [...missing.keys()];
  const flags = names.map((name) => `--dim ${/^\w+$/.test(name) ? name : `'${name}'`}=1`);
  return new InputError({
    message: `${file}: no value for the dynamic dimension${names.length > 1 ? 's' : ''} ${names.join(', ')}`,
    expected: `a size for each; they stand in the inputs ${[...new Set(missing.values())].join(', ')}`,
    suggestion: `set ${names.length > 1 ? 'them' : 'it'}, for example ${flags.join(' ')}`,
  });
}

/** The shape that the file states for a value, as far as it is a number or has one; -1 elsewhere. */
export function statedShape({ extents }: ValueInfo, values: Variables): number[] | undefined {
  return extents?.map((extent) => (typeof extent === 'number' ? extent : (valueOf(extent, values) ?? -1)));
}
