/** Tells the two products of attention from other batched ones, by the Softmax between them. */
import type { OnnxNode } from './model.ts';

/** What may stand between a product and the Softmax: scaling, masks, changes of type and shape. */
const BETWEEN = new Set(
  (
    'Add Sub Mul Div Where Cast Identity Dropout Clip Min Max Tanh Reshape Transpose Squeeze Unsqueeze Slice Concat ' +
    'QuantizeLinear DequantizeLinear IsNaN'
  ).split(' '),
);
/** Nodes looked at in each direction; real exports have less than ten. */
const MAX_STEPS = 64;

export class AttentionRoles {
  readonly #makers = new Map<string, OnnxNode>();
  readonly #readers = new Map<string, OnnxNode[]>();

  constructor(nodes: readonly OnnxNode[]) {
    for (const node of nodes) {
      for (const name of node.outputs) this.#makers.set(name, node);
      for (const name of node.inputs) {
        const readers = this.#readers.get(name);
        if (readers) readers.push(node);
        else this.#readers.set(name, [node]);
      }
    }
  }

  /** `av` if the first operand comes from a Softmax, `qk` if the result goes to one. */
  of(node: OnnxNode): 'qk' | 'av' | undefined {
    const makers = (name: string): OnnxNode[] => [this.#makers.get(name) ?? []].flat();
    if (leadsToSoftmax(node.inputs.slice(0, 1), makers, ({ inputs }) => inputs)) return 'av';
    const readers = (name: string): OnnxNode[] => this.#readers.get(name) ?? [];
    if (leadsToSoftmax(node.outputs, readers, ({ outputs }) => outputs)) return 'qk';
    return undefined;
  }
}

function leadsToSoftmax(
  start: readonly string[],
  nodesAt: (name: string) => readonly OnnxNode[],
  onwards: (node: OnnxNode) => readonly string[],
): boolean {
  const queue = [...start];
  const seen = new Set(queue);
  for (let at = 0; at < queue.length && at < MAX_STEPS; at++) {
    for (const node of nodesAt(queue[at])) {
      if (node.operator === 'Softmax') return true;
      if (!BETWEEN.has(node.operator)) continue;
      for (const name of onwards(node)) {
        if (name === '' || seen.has(name)) continue;
        seen.add(name);
        queue.push(name);
      }
    }
  }
  return false;
}
