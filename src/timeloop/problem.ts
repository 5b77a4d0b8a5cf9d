/** Reads Timeloop's `problem` and `layer` sections: the loop dimensions of one layer and its dataspaces. */
import type { Dataspace, Problem, ProblemTerm } from './spec.ts';
import type { Cursor } from './tree.ts';
import { didYouMean } from '../spec/suggest.ts';

/** Largest bound of a dimension; products stay exact far beyond any real layer. */
const MAX_BOUND = 2 ** 31 - 1;

/** Shapes that Timeloop's files may name instead of describing. */
const SHAPES: Readonly<Record<string, string>> = { cnn_layer: 'cnn_layer', cnn_layer_v3: 'cnn_layer' };

interface Shape {
  readonly name: string;
  readonly dimensions: readonly string[];
  readonly coefficients: Readonly<Record<string, number>>;
  readonly dataspaces: readonly RawDataspace[];
}

interface RawDataspace {
  readonly name: string;
  /** Rank → addend → dimension and, where given, coefficient. */
  readonly ranks: readonly (readonly {
    readonly dim: string;
    readonly factor: string | number;
    readonly at?: Cursor;
  }[])[];
  readonly readWrite: boolean;
}

/** The seven loops of a convolution, as Timeloop's own shape file names them. */
const CNN_LAYER: Shape = {
  name: 'cnn_layer',
  dimensions: ['R', 'S', 'P', 'Q', 'C', 'K', 'N'],
  coefficients: { Wstride: 1, Hstride: 1, Wdilation: 1, Hdilation: 1 },
  dataspaces: [
    plainDataspace('Weights', ['C', 'K', 'R', 'S'], false),
    {
      name: 'Inputs',
      ranks: [
        [{ dim: 'N', factor: 1 }],
        [{ dim: 'C', factor: 1 }],
        [
          { dim: 'R', factor: 'Wdilation' },
          { dim: 'P', factor: 'Wstride' },
        ],
        [
          { dim: 'S', factor: 'Hdilation' },
          { dim: 'Q', factor: 'Hstride' },
        ],
      ],
      readWrite: false,
    },
    plainDataspace('Outputs', ['N', 'K', 'Q', 'P'], true),
  ],
};

function plainDataspace(name: string, dims: readonly string[], readWrite: boolean): RawDataspace {
  return { name, ranks: dims.map((dim) => [{ dim, factor: 1 }]), readWrite };
}

/** Sizes that describe the layer but bound no loop. */
const DESCRIPTIVE = ['H', 'W', 'Hpad', 'Wpad', 'densities', 'data_densities', 'version', 'name', 'type'];

export function readProblem(at: Cursor): Problem {
  at.mapping('a problem');
  const shape = readShape(at);
  const instance = at.get('instance');
  if (instance) at.expectKeys(['shape', 'instance', 'version', 'name', 'data_bypass']);
  const sizes = (instance ?? at).mapping('the sizes of the dimensions');
  const others = Object.keys(shape.coefficients);
  const known = [...shape.dimensions, ...others];
  sizes.expectKeys(known, [...DESCRIPTIVE, ...(instance ? [] : ['shape', 'coefficients'])]);
  const coefficients = readCoefficients(sizes, shape);
  const bounds = shape.dimensions.map((name) => {
    const bound = sizes.need(name, `the size of dimension ${name}`).integer(`the size of ${name}`, 1);
    return bound > MAX_BOUND ? sizes.need(name).wrong(`a size of at most ${MAX_BOUND}`) : bound;
  });
  return {
    name: shape.name,
    dimensions: shape.dimensions,
    bounds,
    dataspaces: shape.dataspaces.map((raw) => resolve(raw, shape, coefficients, at)),
  };
}

function readShape(at: Cursor): Shape {
  const shape = at.need('shape', "a problem shape, or the name 'cnn_layer'");
  if (!shape.isMapping()) {
    const name = shape
      .text('a problem shape')
      .replace(/\.ya?ml$/, '')
      .replaceAll('-', '_');
    if (SHAPES[name] === undefined) {
      shape.fail(`unknown problem shape '${name}'`, { suggestion: didYouMean(name, Object.keys(SHAPES)) });
    }
    return CNN_LAYER;
  }
  shape.expectKeys(['name', 'dimensions', 'data_spaces', 'coefficients', 'version']);
  const dimensions = shape.need('dimensions').list('the dimensions').map(dimensionName);
  const repeated = dimensions.findIndex((name, i) => dimensions.indexOf(name) !== i);
  if (repeated >= 0)
    shape.need('dimensions').items()[repeated].fail(`dimension ${dimensions[repeated]} appears twice`);
  if (dimensions.length === 0) shape.need('dimensions').wrong('at least one dimension');
  return {
    name: shape.get('name')?.text('a name') ?? 'problem',
    dimensions,
    coefficients: Object.fromEntries(
      (shape.get('coefficients')?.list('coefficients') ?? []).map(readDefault),
    ),
    dataspaces: readDataspaces(shape.need('data_spaces')),
  };
}

function readDataspaces(at: Cursor): RawDataspace[] {
  const dataspaces = at.list('the data spaces').map(readDataspace);
  const names = dataspaces.map(({ name }) => name);
  const repeated = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (repeated >= 0) at.items()[repeated].fail(`data space ${names[repeated]} appears twice`);
  if (dataspaces.length === 0) at.wrong('at least one data space');
  return dataspaces;
}

function dimensionName(at: Cursor): string {
  const name = at.text('the name of a dimension');
  if ([...name].length === 1) return name;
  return at.fail(
    `dimension '${name.slice(0, 40)}' has more than one letter: permutations write dimensions without spaces`,
    {
      suggestion: `call it '${name.charAt(0).toUpperCase()}', or another free letter`,
    },
  );
}

function readDefault(at: Cursor): [string, number] {
  at.mapping('a coefficient: {name: …, default: …}').expectKeys(['name', 'default']);
  const name = at.need('name').text('the name of a coefficient');
  return [name, at.get('default')?.integer(`the default of ${name}`, -MAX_BOUND) ?? 1];
}

function readDataspace(at: Cursor): RawDataspace {
  at.mapping('a data space').expectKeys(['name', 'projection', 'read_write', 'density']);
  return {
    name: at.need('name').text('the name of a data space'),
    ranks: readProjection(at.need('projection', 'a list of ranks')),
    readWrite: at.get('read_write')?.flag("'read_write': true or false") ?? false,
  };
}

/** Ranks in any of Timeloop's forms: `[[[P, stride], [R]], [[C]]]`, `[[P, R], [C]]`, `"[P * stride + R, C]"`, `[P, C]`. */
function readProjection(at: Cursor): RawDataspace['ranks'] {
  if (typeof at.value === 'string') return splitRanks(at.value).map((rank) => sumOfProducts(rank, at));
  return at.list('a list of ranks').map((rank) => {
    if (!rank.isList()) return sumOfProducts(rank.text('a rank'), rank);
    return rank.items().flatMap((term) => {
      if (!term.isList()) return sumOfProducts(term.text('a dimension'), term);
      const [dim, factor, ...rest] = term.items();
      if (dim === undefined || rest.length > 0) term.wrong('[dimension] or [dimension, coefficient]');
      return [{ dim: dim.text('a dimension'), factor: factor ? coefficientOf(factor) : 1, at: dim }];
    });
  });
}

function coefficientOf(at: Cursor): string | number {
  return typeof at.value === 'number' ? at.value : at.text('a coefficient');
}

function splitRanks(text: string): string[] {
  return text.replace(/^\s*\[|\]\s*$/g, '').split(',');
}

function sumOfProducts(text: string, at: Cursor): { dim: string; factor: string | number; at: Cursor }[] {
  return text.split('+').map((product) => {
    const names = product.split('*').map((name) => name.trim());
    const dims = names.filter((name) => [...name].length === 1 && !/\d/.test(name));
    const factors = names.filter((name) => !dims.includes(name));
    if (dims.length !== 1 || factors.length > 1) at.wrong("'dimension' or 'coefficient * dimension'");
    const [factor = '1'] = factors;
    return { dim: dims[0], factor: /^-?\d+$/.test(factor) ? Number(factor) : factor, at };
  });
}

function readCoefficients(sizes: Cursor, shape: Shape): Record<string, number> {
  return Object.fromEntries(
    Object.entries(shape.coefficients).map(([name, fallback]) => [
      name,
      sizes.get(name)?.integer(`coefficient ${name}`, -MAX_BOUND) ?? fallback,
    ]),
  );
}

function resolve(
  raw: RawDataspace,
  shape: Shape,
  coefficients: Record<string, number>,
  problem: Cursor,
): Dataspace {
  const ranks = raw.ranks.map((rank) =>
    rank.map(({ dim, factor, at = problem }): ProblemTerm => {
      const index = shape.dimensions.indexOf(dim);
      if (index < 0)
        at.fail(`dimension '${dim}' of ${raw.name} is not one of ${shape.dimensions.join(', ')}`);
      if (typeof factor === 'number') return { dim: index, coefficient: factor };
      if (Object.hasOwn(coefficients, factor)) return { dim: index, coefficient: coefficients[factor] };
      return at.fail(`unknown coefficient '${factor.slice(0, 40)}' in ${raw.name}`, {
        suggestion: didYouMean(factor, Object.keys(coefficients)),
      });
    }),
  );
  return { name: raw.name, readWrite: raw.readWrite, ranks };
}
