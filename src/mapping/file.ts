/** The form of a mapping file: what `mappings/*.yaml` and the `mapping` of a search result hold. No meaning yet. */
import { z } from 'zod';

const loops = z
  .string()
  .describe('Loops, outermost first: dimension=factor, separated by spaces or commas, as in "M=4 C=2".');

const station = z
  .strictObject({
    memory: z.string().describe('Name of a memory of the architecture.'),
    keep: z
      .array(z.string())
      .describe(
        'Tensors it holds a tile of from here on inwards: names, roles (inputs, weights, outputs) or all.',
      ),
  })
  .describe('A memory begins to hold the tiles that everything after it in the nest works on.');

const temporal = z.strictObject({ for: loops }).describe('Loops that run one iteration after the other.');

const spatial = z
  .strictObject({
    array: z.string().describe('Name of an array of the architecture.'),
    x: loops.optional(),
    y: loops.optional(),
  })
  .describe('Loops whose iterations run side by side on an array; the axis written first is the outer one.');

export const mappingFile = z.strictObject({
  schema: z.literal('dse.mapping/1'),
  description: z.string().optional(),
  nest: z
    .array(z.union([station, temporal, spatial]))
    .min(1)
    .describe(
      'Outermost first; begins with the outermost memory, which keeps every tensor but those that stay on chip: these follow in the memories that hold them whole, before any loop.',
    ),
});

export type MappingFile = z.infer<typeof mappingFile>;
export type NestEntry = MappingFile['nest'][number];

/** Of a search result, what leads to its mappings; everything else in it is left alone. */
export const searchResult = z.object({
  layers: z
    .array(
      z.object({
        name: z.string(),
        einsum: z.object({ dims: z.record(z.string(), z.number()) }),
      }),
    )
    .min(1),
});
