/** What every request names: an architecture and layers, given as text or as values. */
import type { Architecture } from '../arch/architecture.ts';
import { loadArchitecture } from '../arch/load.ts';
import type { Constraints } from '../mapspace/constraints.ts';
import { loadConstraints, readConstraints } from '../mapspace/read-constraints.ts';
import { parseYaml } from '../spec/document.ts';
import { InputError } from '../spec/errors.ts';
import { distinctLayers } from '../workload/distinct.ts';
import type { Einsum } from '../workload/einsum.ts';
import { loadWorkload } from '../workload/select.ts';
import type { DistinctLayer, Workload } from '../workload/workload.ts';

/** Values of a network's parameters or of an ONNX file's dynamic dimensions, for example `{ batch: 4 }`. */
export type Parameters = Readonly<Record<string, number>>;

/** An architecture by name or path, or the value itself. */
export function resolveArchitecture(arch: string | Architecture): Architecture {
  return typeof arch === 'string' ? loadArchitecture(arch) : arch;
}

/** Rules of a constraints file, or of such a file's list given as objects. */
export function userConstraints(
  constraints: string | readonly object[] | undefined,
  arch: Architecture,
  einsum: Einsum,
): Constraints {
  if (constraints === undefined) return [];
  if (typeof constraints === 'string') return loadConstraints(constraints, arch, einsum);
  const document = parseYaml(JSON.stringify(constraints, undefined, 1), 'constraints');
  return readConstraints(document, arch, einsum, { path: [], ofArchitecture: false });
}

/** The layers of a selector; an Einsum is a workload of one layer. */
export function resolveWorkload(layer: string | Einsum | Workload, params?: Parameters): Workload {
  if (typeof layer === 'string') return loadWorkload(layer, { params });
  if ('layers' in layer) return layer;
  const { name } = layer;
  return { name, selector: name, layers: [{ name, count: 1, einsum: layer }] };
}

/** The distinct shapes of a selection, each with the number of layers that have it. */
export function resolveLayers(layer: string | Einsum | Workload, params?: Parameters): DistinctLayer[] {
  return distinctLayers(resolveWorkload(layer, params));
}

/**
 * The one shape of a selection; `subject` is what the caller wants of it, for the message.
 *
 * @throws InputError if the selection holds several
 */
export function resolveLayer(
  layer: string | Einsum | Workload,
  params?: Parameters,
  subject = 'a mapping',
): Einsum {
  const layers = resolveLayers(layer, params);
  if (layers.length === 1) return layers[0].einsum;
  const names = layers.map(({ name }) => name);
  throw new InputError({
    message: `'${selectorText(layer)}' selects ${layers.length} different shapes, ${subject} is for one`,
    expected: `one of ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`,
  });
}

function selectorText(layer: string | Einsum | Workload): string {
  if (typeof layer === 'string') return layer;
  return 'selector' in layer ? layer.selector : layer.name;
}
