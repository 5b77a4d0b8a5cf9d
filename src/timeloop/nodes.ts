/** The tagged-node architecture (v0.4): containers, fan-outs and inline constraints become a list of components. */
import type { Component } from './components.ts';
import { Attributes } from './components.ts';
import { evaluate } from '../spec/expression.ts';
import { InputError } from '../spec/errors.ts';
import { splitName } from './architecture.ts';
import type { Cursor, Scope } from './tree.ts';

export const NODE_TAGS = [
  'Container',
  'Component',
  'Parallel',
  'Hierarchical',
  'Pipelined',
  'Nothing',
  'ArrayContainer',
];

/** One constraint written inside the architecture. */
export interface NodeConstraint {
  /** Name of the level it binds. */
  readonly target: string;
  readonly kind: 'spatial' | 'temporal' | 'dataspace' | 'nothing';
  readonly at?: Cursor;
  /** Data spaces that other branches of a `!Parallel` keep. */
  readonly alsoBypass?: readonly Cursor[];
}

interface Flattened {
  readonly components: Component[];
  readonly constraints: NodeConstraint[];
}

const NODE_KEYS = ['name', 'attributes', 'spatial', 'constraints', 'class', 'subclass', 'nodes'];
const IGNORED_KEYS = [
  'enabled', 'required_actions', 'area_scale', 'area_share', 'energy_share', 'energy_scale', 'power_gated_at', 'version',
  'parent_class_names', 'sparse_optimizations', 'action_names', 'max_utilization', 'area', 'actions',
]; // prettier-ignore
const MAX_DEPTH = 32;

export function flattenNodes(at: Cursor, variables: Scope): Flattened {
  at.expectKeys(['version', 'nodes', 'attributes', 'variables'], ['name']);
  const own = at.get('variables');
  const walk = new Walk(own ? evaluateScope(own, variables) : variables);
  const attributes = at.get('attributes');
  if (attributes) walk.containers.unshift(attributes.mapping('attributes'));
  walk.hierarchy(at.need('nodes'), 0);
  return { components: walk.components, constraints: walk.constraints };
}

/** Variables of a mapping, each of which may use those before it. */
export function evaluateScope(at: Cursor, outer: Scope): Scope {
  const scope: Record<string, number | string> = { ...outer };
  for (const key of at.mapping('variables').keys()) {
    const value = at.get(key);
    if (!value || value.isMapping() || value.isList()) continue;
    scope[key] = valueOf(value, scope);
  }
  return scope;
}

/** A number where the text is an expression, else the text: `"45nm"`, `must_specify`. */
function valueOf(at: Cursor, scope: Scope): number | string {
  if (typeof at.value === 'number') return at.value;
  if (typeof at.value === 'boolean') return Number(at.value);
  const text = at.text('a value');
  const numbers = Object.entries(scope).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  try {
    return evaluate(text, Object.fromEntries(numbers));
  } catch (error) {
    if (error instanceof InputError) return text;
    throw error;
  }
}

/** Goes through the nodes outermost first, carrying what containers say on to what they contain. */
class Walk {
  readonly components: Component[] = [];
  readonly constraints: NodeConstraint[] = [];
  /** Attributes of the containers around the place, innermost first. */
  readonly containers: Cursor[] = [];
  readonly #scope: Scope;
  #x = 1;
  #y = 1;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Nodes in which each contains what follows. */
  hierarchy(at: Cursor, depth: number): void {
    if (depth > MAX_DEPTH) at.fail('nodes are nested too deeply');
    for (const node of at.list('a list of nodes')) this.#node(node, depth);
  }

  #node(at: Cursor, depth: number): void {
    switch (at.mapping("a node with a tag, as in '!Component'").tag) {
      case 'Container':
      case 'ArrayContainer':
        return this.#container(at, depth);
      case 'Component':
        return this.#component(at);
      case 'Parallel':
        return this.#parallel(at, depth);
      case 'Hierarchical':
        return this.hierarchy(
          at.expectKeys(['nodes'], ['name', 'version', 'attributes']).need('nodes'),
          depth + 1,
        );
      case 'Nothing':
        return;
      case 'Pipelined':
        return at.fail('!Pipelined nodes are not modelled');
      default:
        return at.fail(
          "a node needs a tag: '!Container', '!Component', '!Parallel', '!Hierarchical' or '!Nothing'",
        );
    }
  }

  #container(at: Cursor, depth: number): void {
    at.expectKeys(NODE_KEYS, IGNORED_KEYS);
    const attributes = at.get('attributes');
    if (attributes) this.containers.unshift(attributes.mapping('attributes'));
    this.#fanOut(at);
    const nodes = at.get('nodes');
    if (nodes) this.hierarchy(nodes, depth + 1);
  }

  /** A fan-out is a level of its own that stores nothing, so that a mapping can place loops there. */
  #fanOut(at: Cursor): void {
    const spatial = at.get('spatial');
    const constraints = at.get('constraints');
    if (!spatial) return;
    spatial.mapping('a fan-out: {meshX: …, meshY: …}').expectKeys(['meshX', 'meshY']);
    const x = spatial.get('meshX')?.integer('meshX', 1, this.#scope) ?? 1;
    const y = spatial.get('meshY')?.integer('meshY', 1, this.#scope) ?? 1;
    if (x * y === 1) return;
    const name = `inter_${splitName(at.need('name')).name}_spatial`;
    this.components.push({
      name,
      className: 'dummy_storage',
      attributes: new Attributes([], {}),
      copies: this.#x * this.#y,
      mesh: { x: this.#x, y: this.#y },
      reducesByDefault: true,
      fanOutOnly: true,
      at,
    });
    const bound = constraints?.get('spatial');
    if (bound) this.constraints.push({ target: name, kind: 'spatial', at: bound });
    this.constraints.push({ target: name, kind: 'nothing' });
    this.#x *= x;
    this.#y *= y;
  }

  #component(at: Cursor, alsoBypass: readonly Cursor[] = []): void {
    at.expectKeys(NODE_KEYS, IGNORED_KEYS);
    this.#fanOut(at);
    const { name } = splitName(at.need('name'));
    const own = at.get('attributes');
    const layers = own ? [own.mapping('attributes'), ...this.containers] : [...this.containers];
    this.components.push({
      name,
      className: at.need('class').text('a class'),
      attributes: new Attributes(layers, this.#scope),
      copies: this.#x * this.#y,
      mesh: { x: this.#x, y: this.#y },
      reducesByDefault: true,
      at,
    });
    this.#constrain(name, at.get('constraints'), alsoBypass);
  }

  #constrain(target: string, at: Cursor | undefined, alsoBypass: readonly Cursor[]): void {
    at?.mapping('constraints').expectKeys(['spatial', 'temporal', 'dataspace'], ['version']);
    for (const kind of ['dataspace', 'temporal', 'spatial'] as const) {
      const bound = at?.get(kind);
      if (kind === 'dataspace' && (bound || alsoBypass.length > 0)) {
        this.constraints.push({ target, kind, at: bound, alsoBypass });
      } else if (bound) this.constraints.push({ target, kind, at: bound });
    }
  }

  /** Side by side: each branch bypasses what another keeps. */
  #parallel(at: Cursor, depth: number): void {
    at.expectKeys(['nodes'], ['name', 'attributes', 'version', 'enabled']);
    const branches = at.need('nodes').list('a list of nodes');
    const kept = branches.map((branch) => keptBy(branch));
    branches.forEach((branch, i) => {
      const others = kept.flatMap((names, j) => (j === i ? [] : names));
      if (branch.tag === 'Component') this.#component(branch, others);
      else if (branch.tag === 'Nothing') branch.expectKeys(['constraints'], ['name']);
      else this.#node(branch, depth + 1);
    });
  }
}

/** Data spaces that one branch of a `!Parallel` keeps. */
function keptBy(branch: Cursor): Cursor[] {
  const dataspace = branch.mapping('a node').get('constraints')?.get('dataspace');
  return dataspace?.get('keep')?.items() ?? [];
}
