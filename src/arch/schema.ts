/** The form of an architecture file, key by key. What the values mean together is load.ts's business. */
import { z } from 'zod';
import { DRAM_KINDS, MEMORY_COMPONENTS, NUMBER_TYPES, CELLS, technologyProblem } from '../energy/request.ts';
import type { TechnologyNm } from '../energy/technology.ts';
import { InputError } from '../spec/errors.ts';
import { type Variables, evaluate } from '../spec/expression.ts';
import { type Kind, type Quantity, parseQuantity, kindName } from '../spec/quantity.ts';

/** Instances and copies stay countable in the kernels' 32-bit integers. */
const MAX_COUNT = 2 ** 31 - 1;

/** A value of YAML that may be an expression; `expected` is what an error says of anything else. */
const expression = (expected: string) => z.union([z.string(), z.number()], { error: expected });
const name = z
  .string()
  .regex(
    /^[A-Za-z_][\w.-]*$/,
    "a name starts with a letter and goes on with letters, digits, '_', '-' or '.'",
  );
const tensors = z.array(z.string()).describe('Roles (inputs, weights, outputs), tensor names, or all.');

/**
 * Schema of `dse.arch/1`. Quantities are expressions over `variables` with a unit; they come out in the base units of
 * quantity.ts, whatever the file wrote.
 */
export function architectureSchema(variables: Variables = {}) {
  const quantity = (kind: Kind) =>
    expression(kindName(kind))
      .transform((input, context) => orIssue(context, () => parseQuantity(input, kind, variables)))
      .describe(`An expression and its unit: ${kindName(kind)}.`);
  const number = (expected: string, valid: (value: number) => boolean) =>
    expression(expected)
      .transform((input, context) =>
        orIssue(context, () => evaluateNumber(input, variables, expected, valid)),
      )
      .describe(`An expression: ${expected}.`);
  const count = (expected = `an integer from 1 to ${MAX_COUNT}`) =>
    number(expected, (value) => Number.isInteger(value) && value >= 1 && value <= MAX_COUNT);
  const energy = quantity('energy').optional();
  const technology = expression(kindName('technology'))
    .transform((input, context) => orIssue(context, () => readTechnology(input, variables)))
    .optional();
  const area = quantity('area').optional().describe('Of one instance.');
  const leak = quantity('leak').optional().describe('Of one instance: pJ/cycle, or watts with the clock.');
  const summation = z
    .union([z.strictObject({ adder: z.enum(NUMBER_TYPES) }), quantity('energy')])
    .optional()
    .describe("Per sum; or the library's adder: {adder: int32}.");
  const powerGating = z.boolean().optional().describe('Idle instances do not leak.');

  const memory = z.strictObject({
    memory: name.describe('Name of a memory.'),
    size: z
      .union([z.literal('unlimited'), z.strictObject({ depth: count(), block: count() }), quantity('size')])
      .describe('unlimited, 108 KB (1 KB = 1024 B), 4096 words, or {depth, block} in words.'),
    component: z
      .enum(MEMORY_COMPONENTS)
      .optional()
      .describe('Energy, leakage and area are from the library, where they are not given.'),
    technology: technology.describe("Of a library component; default the file's."),
    kind: z.enum(DRAM_KINDS).optional().describe("Of 'component: dram'."),
    banks: number('a number', Number.isFinite)
      .optional()
      .describe("Of 'component: sram': 1 to 64, default 1."),
    ports: number('a number', Number.isFinite)
      .optional()
      .describe("Of 'component: sram': 1 to 4, default 1."),
    cells: z.enum(CELLS).optional().describe("Of 'component: sram' or 'regfile'; default low_power."),
    word: quantity('width').optional(),
    block: quantity('block')
      .optional()
      .describe('Moved by one access; energies are per access. Default 1 word.'),
    multiple_buffering: number('a number of at least 1', (value) => value >= 1).optional(),
    min_utilization: number('a number from 0 to 1', (value) => value >= 0 && value <= 1).optional(),
    keep: tensors.optional().describe('Always kept here.'),
    may_keep: tensors
      .optional()
      .describe('Kept or bypassed, as the mapping decides; all if keep is absent too.'),
    datawidth: z
      .record(z.string(), quantity('width'))
      .optional()
      .describe('Element width by role or tensor.'),
    energy: z
      .strictObject({
        read: energy,
        write: energy.describe('Of a fill or an update, where those are not given.'),
        fill: energy,
        update: energy,
        leak,
        address_generation: energy,
        temporal_reduction: summation,
      })
      .optional(),
    bandwidth: z
      .strictObject({
        read: quantity('bandwidth').optional(),
        write: quantity('bandwidth').optional(),
        shared: quantity('bandwidth').optional(),
      })
      .optional()
      .describe('Of one instance; absent is unlimited.'),
    drain_reads: z
      .boolean()
      .optional()
      .describe('A sum that leaves is read first, and that read is counted.'),
    rmw_first_update: z.boolean().optional().describe("An element's first update reads it too."),
    power_gating: powerGating,
    area,
  });

  const array = z.strictObject({
    array: name.describe('Name of a spatial array: x · y copies of everything that follows.'),
    x: count(),
    y: count().optional(),
    multicast: z.boolean().optional(),
    spatial_reduction: z.boolean().optional(),
    halo_multicast: z.boolean().optional(),
    temporal_reuse: z
      .boolean()
      .optional()
      .describe('False: memories inside start anew at every step of the temporal loops outside.'),
    technology: technology.describe("Of wires and adders from the library; default the file's."),
    energy: z
      .strictObject({
        hop: z
          .union([
            z.strictObject({ length: quantity('length'), energy: quantity('wireEnergy').optional() }),
            quantity('energy'),
          ])
          .optional()
          .describe(
            "Per word and link; or a wire: {length: 0.2 mm, energy: 80 fJ/bit/mm}, the library's without energy.",
          ),
        router: energy,
        ingress: energy,
        spatial_reduction: summation,
      })
      .optional()
      .describe('Per word.'),
    latency: z
      .strictObject({ fill: quantity('cycles').optional(), drain: quantity('cycles').optional() })
      .optional(),
    area,
  });

  const compute = z.strictObject({
    compute: name.describe('Name of the multiply-accumulate unit; the last entry.'),
    component: z
      .literal('mac')
      .optional()
      .describe('Energy, leakage and area are from the library, where they are not given.'),
    technology: technology.describe("Of a library component; default the file's."),
    type: z.enum(NUMBER_TYPES).optional().describe("Operands of 'component: mac'."),
    energy: energy.describe('Per multiply-accumulate.'),
    leak,
    power_gating: powerGating,
    area,
  });

  return z.strictObject({
    schema: z.literal('dse.arch/1'),
    name,
    description: z.string().optional(),
    clock: quantity('frequency')
      .optional()
      .describe('Default 1 GHz, unless a key in seconds or watts needs it.'),
    word: quantity('width').describe('Default word of every memory.'),
    technology: technology.describe('Of components from the library: 65 nm to 7 nm.'),
    variables: z
      .record(z.string(), expression('a number'))
      .optional()
      .describe('Numbers for expressions; later ones may use earlier.'),
    hierarchy: z
      .array(z.union([memory, array, compute]))
      .describe('Outermost first: memories and arrays, then the compute unit.'),
    constraints: z
      .array(z.looseObject({ target: z.string() }))
      .optional()
      .describe('What the machine demands of mappings; the form is that of dse.constraints/1.'),
  });
}

export type ArchitectureFile = z.output<ReturnType<typeof architectureSchema>>;
export type HierarchyEntry = ArchitectureFile['hierarchy'][number];

function readTechnology(input: string | number, variables: Variables): TechnologyNm {
  const { value } = parseQuantity(input, 'technology', variables);
  const problem = technologyProblem(value);
  if (problem) throw new InputError(problem);
  return value as TechnologyNm;
}

/** A number of the file: an expression, checked; throws `InputError` without a position. */
function evaluateNumber(
  input: string | number,
  variables: Variables,
  expected: string,
  valid: (value: number) => boolean,
): number {
  const value = typeof input === 'number' ? input : evaluate(input, variables);
  if (valid(value)) return value;
  throw new InputError({ message: `expected ${expected}, found '${String(input).slice(0, 40)}'` });
}

/** Runs a reader of one value; what it throws becomes an issue, which knows the place. */
function orIssue<T extends number | Quantity>(context: z.RefinementCtx, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, expected, suggestion } = error.diagnostics[0];
    context.addIssue({ code: 'custom', message, params: { expected, suggestion } });
    return z.NEVER;
  }
}
