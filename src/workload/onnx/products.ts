/** Which nodes are layers, and which: convolutions and products as texts of the layer shorthand. */
import type { AttentionRoles } from './attention.ts';
import type { NodeView } from './node-view.ts';
import { gemmOf, productOf, subscriptsOf } from './rules/contractions.ts';
import { type Window, stepsOf, windowOf } from './rules/windows.ts';
import { elements } from './tensor.ts';

/** One layer of a node. */
export interface LayerText {
  /** Of a node that is several layers: what follows its name. */
  readonly suffix?: string;
  /** In the grammar of `shorthand.ts`. */
  readonly text: string;
}

/** A node that multiplies and accumulates but is no layer. */
export interface Uncosted {
  readonly macs: number;
}

/** What a node with a rule is; undefined if this one does not multiply and accumulate in a form known here. */
type LayerRule = (view: NodeView, roles: AttentionRoles) => readonly LayerText[] | Uncosted | undefined;

// Convolutions

/** `weights` is the place of the filters among the inputs. */
function convolution(weights: number): LayerRule {
  return (view) => {
    const [batch, channels, ...image] = view.shape(0, 3);
    const [filters, depth, ...kernel] = view.shape(weights, 3);
    const groups = view.int('group', 1);
    if (groups < 1 || filters % groups !== 0 || depth * groups !== channels) {
      view.fail(
        `has ${channels} input channels, ${filters} filters of ${depth} channels and ${groups} groups`,
        'filters that split into groups, of (input channels / groups) channels each',
      );
    }
    const stated = view.ints('kernel_shape');
    if (stated && stated.join() !== kernel.join()) {
      view.fail(`has kernel_shape ${stated.join('x')}`, `${kernel.join('x')}, as its weights have`);
    }
    const window = windowOf(view, image, kernel);
    return [{ text: convText({ batch, groups, filters: filters / groups, depth, window }) }];
  };
}

interface Convolution {
  readonly batch: number;
  readonly groups: number;
  /** Of one group. */
  readonly filters: number;
  readonly depth: number;
  readonly window: Window;
}

function convText({ batch, groups, filters, depth, window }: Convolution): string {
  const { kernel, outputs, stride, dilation } = window;
  if (kernel.length > 2) return deepText({ batch, groups, filters, depth, window });
  const [p, q = 1] = outputs;
  const [r, s = 1] = kernel;
  const pair = ([first, second = 1]: readonly number[]): string => `${first}x${second}`;
  return (
    `conv N=${batch} G=${groups} M=${filters} C=${depth} P=${p} Q=${q} R=${r} S=${s} ` +
    `stride=${pair(stride)} dilation=${pair(dilation)}`
  );
}

/** Three or more axes of the image: P0, P1, P2 with R0, R1, R2. */
function deepText({ batch, groups, filters, depth, window }: Convolution): string {
  const { kernel, outputs, stride, dilation } = window;
  const axes = kernel.map((_, axis) => axis);
  const along = axes.map((axis) => `${stride[axis]}P${axis}+${dilation[axis]}R${axis}`).join();
  const positions = axes.map((axis) => `P${axis}`).join();
  const filter = axes.map((axis) => `R${axis}`).join();
  const bounds = axes.map((axis) => `P${axis}=${outputs[axis]},R${axis}=${kernel[axis]}`).join();
  return (
    `einsum Outputs[N,G,M,${positions}] += Inputs[N,G,C,${along}] * Weights[G,M,C,${filter}]` +
    ` | N=${batch},G=${groups},M=${filters},C=${depth},${bounds}`
  );
}

/**
 * A filter that moves by at least its own extent writes each output once: a 1x1 convolution to M·R·S channels. Where outputs
 * overlap, there is no exact form.
 */
const convolutionTransposed: LayerRule = (view) => {
  const [batch, channels, ...image] = view.shape(0, 3);
  const [depth, filters, ...kernel] = view.shape(1, 3);
  const groups = view.int('group', 1);
  if (groups < 1 || depth !== channels || depth % groups !== 0)
    view.fail(`has ${channels} input channels, filters for ${depth}, and ${groups} groups`);
  const { stride, dilation } = stepsOf(view, kernel);
  const each = filters * elements(kernel);
  const apart = kernel.every((extent, axis) => dilation[axis] === 1 && stride[axis] >= extent);
  if (!apart) return { macs: batch * channels * elements(image) * each };
  const window = { kernel: image.map(() => 1), stride: image.map(() => 1), dilation: image.map(() => 1) };
  const shape = { batch, groups, filters: each, depth: depth / groups };
  return [{ text: convText({ ...shape, window: { ...window, outputs: image } }) }];
};

// Products

/** A batch axis that only one operand has is one more of its own axes. */
function matMul(b: number): LayerRule {
  return (view, roles) => {
    const { batch, batchA, batchB, m, n, k } = productOf(view, 0, b);
    const at = (shape: readonly number[], axis: number): number =>
      shape[axis - batch.length + shape.length] ?? 1;
    const axes = batch.map((extent, axis) => ({ extent, a: at(batchA, axis), b: at(batchB, axis) }));
    const only = (has: 'a' | 'b', lacks: 'a' | 'b'): number =>
      elements(axes.map((axis) => (axis[has] !== 1 && axis[lacks] === 1 ? axis.extent : 1)));
    const shared = axes.filter((axis) => axis.a === axis.b).map(({ extent }) => extent);
    const constants = { a: view.input(0).constant, b: view.input(b).constant };
    const computed = !constants.a && !constants.b && batch.length > 0;
    const role = computed && shared.length === batch.length ? roles.of(view.node) : undefined;
    if (role) return [{ text: attentionText(role, shared, { m, n, k }) }];
    return [
      { text: productText(elements(shared), { m: m * only('a', 'b'), n: n * only('b', 'a'), k }, constants) },
    ];
  };
}

interface Extents {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** The operand that is constant has the role of weights. */
function productText(batch: number, { m, n, k }: Extents, constants: { a: boolean; b: boolean }): string {
  const [rows, columns] = constants.a && !constants.b ? [n, m] : [m, n];
  const bounds = `M=${rows} N=${columns} K=${k}`;
  return batch === 1 ? `gemm ${bounds}` : `bgemm B=${batch} ${bounds}`;
}

/** The last batch axis counts heads, those before it sequences. */
function attentionText(role: 'qk' | 'av', batch: readonly number[], { m, n, k }: Extents): string {
  const sizes = role === 'qk' ? `M=${m} N=${n} E=${k}` : `M=${m} N=${k} E=${n}`;
  return `${role} B=${elements(batch.slice(0, -1))} H=${batch.at(-1)} ${sizes}`;
}

const gemm: LayerRule = (view) => {
  const constants = { a: view.input(0).constant, b: view.input(1).constant };
  return [{ text: productText(1, gemmOf(view), constants) }];
};

/** Two operands without repeated or summed-out private indices are a product; others are not costed. */
const einsum: LayerRule = (view, roles) => {
  const { operands, result, extents } = subscriptsOf(view);
  const macs = elements([...extents.values()]);
  if (operands.length !== 2) return { macs };
  const [a, b] = operands;
  const plain = [a, b, result].every((letters) => new Set(letters).size === letters.length);
  const lost = [...extents.keys()].some(
    (letter) => !result.includes(letter) && !(a.includes(letter) && b.includes(letter)),
  );
  if (!plain || lost || hasBroadcast(view, operands, extents)) return { macs };
  const among = (test: (letter: string) => boolean): number[] =>
    [...extents].filter(([letter]) => test(letter)).map(([, extent]) => extent);
  const batch = result
    .filter((letter) => a.includes(letter) && b.includes(letter))
    .map((letter) => extents.get(letter)!);
  const sizes = {
    m: elements(among((letter) => !b.includes(letter))),
    n: elements(among((letter) => !a.includes(letter))),
    k: elements(among((letter) => !result.includes(letter))),
  };
  const constants = { a: view.input(0).constant, b: view.input(1).constant };
  const computed = !constants.a && !constants.b && batch.length > 0;
  const role = computed ? roles.of(view.node) : undefined;
  if (role) return [{ text: attentionText(role, batch, sizes) }];
  return [{ text: productText(elements(batch), sizes, constants) }];
};

function hasBroadcast(
  view: NodeView,
  operands: readonly (readonly string[])[],
  extents: ReadonlyMap<string, number>,
): boolean {
  return operands.some((letters, i) =>
    letters.some((letter, axis) => view.shape(i)[axis] !== extents.get(letter)),
  );
}

/** Queries share the keys and values of a group of heads. Both products are layers. */
const attention: LayerRule = (view) => {
  const [q, k, v] = [view.shape(0, 3), view.shape(1, 3), view.shape(2, 3)];
  const past = view.has(4) ? view.shape(4, 4)[2] : 0;
  const split = (shape: readonly number[], heads: number): { heads: number; length: number; size: number } =>
    shape.length === 4
      ? { heads: shape[1], length: shape[2], size: shape[3] }
      : { heads, length: shape[1], size: shape[2] / heads };
  const [queries, keys, values] = [
    split(q, view.int('q_num_heads', 1)),
    split(k, view.int('kv_num_heads', 1)),
    split(v, view.int('kv_num_heads', 1)),
  ];
  const groups = queries.heads / keys.heads;
  if (!Number.isInteger(groups)) view.fail(`has ${queries.heads} query heads for ${keys.heads} key heads`);
  const shape = `B=${q[0]} H=${keys.heads} G=${groups} M=${queries.length} N=${keys.length + past}`;
  return [
    { suffix: 'qk', text: `qk ${shape} E=${keys.size}` },
    { suffix: 'av', text: `av ${shape} E=${values.size}` },
  ];
};

/** Per step, each gate multiplies the input and the state of every sequence. */
function recurrent(gates: number): LayerRule {
  return (view) => {
    const [first, second, input] = view.shape(0, 3);
    const [directions, , hidden] = view.shape(2, 3);
    return { macs: first * second * directions * gates * hidden * (input + hidden) };
  };
}

const RULES: Readonly<Record<string, LayerRule>> = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: convolutionTransposed,
  MatMul: matMul(1),
  MatMulInteger: matMul(1),
  QLinearMatMul: matMul(3),
  Gemm: gemm,
  Einsum: einsum,
  Attention: attention,
  RNN: recurrent(1),
  GRU: recurrent(3),
  LSTM: recurrent(4),
};

/** Every operator that multiplies and accumulates. Rules throw `NotKnown` and `InputError` as those of shapes do. */
export const LAYER_RULES: ReadonlyMap<string, LayerRule> = new Map(Object.entries(RULES));
