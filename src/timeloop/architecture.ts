/** Reads Timeloop's `architecture` sections in their three dialects: flat lists, subtrees and tagged nodes. */
import type { Component } from './components.ts';
import { Attributes, arithmetic, checkAttributes, kindOf, storageLevel } from './components.ts';
import type { NodeConstraint } from './nodes.ts';
import { flattenNodes } from './nodes.ts';
import type { Design } from './spec.ts';
import type { Cursor, Scope } from './tree.ts';

/** Most components one file may name; ranges such as `PE[0..9999999]` are counts, not components. */
const MAX_COPIES = 2 ** 31;

export interface ReadDesign {
  readonly design: Design;
  /** Constraints written inside the architecture, by level. */
  readonly constraints: readonly NodeConstraint[];
}

/** @param compound attribute names that compound component classes declare, by class */
export function readArchitecture(
  at: Cursor,
  variables: Scope,
  compound: ReadonlyMap<string, readonly string[]>,
): ReadDesign {
  at.mapping('an architecture');
  const { components, constraints } = listComponents(at, variables);
  const levels = components.filter(({ className }) => kindOf(className) === 'storage');
  const units = components.filter(({ className }) => kindOf(className) === 'compute');
  for (const component of components) warnOfUnused(component);
  for (const component of [...levels, ...units]) {
    checkAttributes(component, compound.get(component.className) ?? []);
  }
  if (units.length !== 1)
    at.fail(`expected one arithmetic component (class 'mac' or 'compute'), found ${units.length}`);
  if (levels.length === 0) at.fail('the architecture has no storage level');
  const design: Design = {
    levels: levels.map(storageLevel).toReversed(),
    arithmetic: arithmetic(units[0]),
    cycleSeconds: cycleSeconds(at, variables),
  };
  checkNames(design, at);
  checkGrid(design, at);
  return { design, constraints };
}

/** The clock period: a variable of the v0.4 form, or an attribute of the outermost subtree. */
function cycleSeconds(at: Cursor, variables: Scope): number | undefined {
  const { global_cycle_seconds: period } = variables;
  if (typeof period === 'number') return period;
  const [system] = at.get('subtree')?.list('a list of one subtree') ?? [];
  const stated = system?.get('attributes')?.get('global_cycle_seconds');
  return stated?.notNegative("'global_cycle_seconds'", variables) || undefined;
}

function warnOfUnused({ className, name, at }: Component): void {
  const kind = kindOf(className);
  if (kind === 'network')
    at.fail(
      `${name}: networks of class '${className}' are not modelled; use the network attributes of a level`,
    );
  if (kind === 'other')
    at.warn(`${name}: components of class '${className}' do not store or compute and are left out`);
}

/** Outermost first. */
function listComponents(
  at: Cursor,
  variables: Scope,
): { components: Component[]; constraints: NodeConstraint[] } {
  if (at.get('nodes')) return flattenNodes(at, variables);
  if (at.get('subtree')) {
    at.expectKeys(['version', 'subtree'], ['name', 'attributes']);
    return { components: subtree(at, 1, variables, 0), constraints: [] };
  }
  if (at.get('storage')) return { components: flatList(at, variables), constraints: [] };
  return at.fail("expected 'nodes', 'subtree' or 'storage' in the architecture");
}

/** The first format: arithmetic and storage levels side by side, the innermost level first. */
function flatList(at: Cursor, variables: Scope): Component[] {
  at.expectKeys(['arithmetic', 'storage'], ['version', 'name']);
  const levels = at
    .need('storage')
    .list('the storage levels')
    .map((level) => flatComponent(level, variables, 'storage'));
  const unit = flatComponent(at.need('arithmetic'), variables, 'compute');
  return [...levels.toReversed(), unit];
}

function flatComponent(at: Cursor, variables: Scope, className: string): Component {
  at.mapping('a component');
  const fallback = className === 'compute' ? '__ARITH__' : undefined;
  const { name, copies } = splitName(at.get('name') ?? at, fallback);
  const nested = at.get('attributes');
  const layers = nested ? [nested, at] : [at];
  return {
    name,
    className: at.get('class')?.text('a class') ?? className,
    attributes: new Attributes(layers, variables),
    copies,
    at,
  };
}

/** `name[0..15]`: sixteen copies. `name[3]` is one. */
export function splitName(at: Cursor, fallback?: string): { name: string; copies: number } {
  const text = at.isMapping() ? (fallback ?? at.fail("'name' is missing")) : at.text('a name');
  const [, name, range] =
    /^([^[\]]+)(?:\[([^\]]*)\])?$/.exec(text) ?? at.wrong('a name, as in PE or PE[0..15]');
  if (range === undefined) return { name, copies: 1 };
  const [, first, last] =
    /^\s*(\d+)\s*(?:\.\.\s*(\d+)\s*)?$/.exec(range) ?? at.wrong('a range, as in [0..15]');
  const copies = last === undefined ? 1 : Number(last) - Number(first) + 1;
  if (!(copies >= 1 && copies <= MAX_COPIES)) at.wrong('a range, as in [0..15]');
  return { name, copies };
}

function subtree(at: Cursor, copies: number, variables: Scope, depth: number): Component[] {
  if (depth > 32) at.fail('subtrees are nested too deeply');
  const trees = at.get('subtree')?.list('a list of one subtree') ?? [];
  if (trees.length > 1)
    trees[1].fail('a subtree has one branch; parallel branches cannot be described this way');
  return trees.flatMap((tree) => {
    tree
      .mapping('a subtree')
      .expectKeys(['name', 'local', 'subtree', 'attributes'], ['version', 'enabled', 'class']);
    const inside = copies * splitName(tree.need('name')).copies;
    tree.get('attributes')?.mapping('attributes');
    const local = tree.get('local')?.list('the components of this subtree') ?? [];
    return [
      ...local.map((component) => localComponent(component, inside, variables)),
      ...subtree(tree, inside, variables, depth + 1),
    ];
  });
}

function localComponent(at: Cursor, outer: number, variables: Scope): Component {
  at.mapping('a component');
  at.expectKeys(
    ['name', 'class', 'attributes'],
    [
      'subclass',
      'required_actions',
      'enabled',
      'constraints',
      'area_scale',
      'energy_scale',
      'action_energy_scale',
    ],
  );
  const { name, copies } = splitName(at.need('name'));
  const attributes = at.get('attributes')?.mapping('attributes');
  return {
    name,
    className: at.need('class').text('a class'),
    attributes: new Attributes(attributes ? [attributes] : [], variables),
    copies: outer * copies,
    at,
  };
}

function checkNames({ levels, arithmetic: unit }: Design, at: Cursor): void {
  const names = [...levels.map(({ name }) => name), unit.name];
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) at.fail(`two components are called '${repeated}'`);
}

/** Every instance of a level has the same number of instances below it, on both axes. */
function checkGrid({ levels, arithmetic: unit }: Design, at: Cursor): void {
  levels.forEach((level, l) => {
    const inner = l === 0 ? unit : levels[l - 1];
    for (const axis of ['meshX', 'meshY'] as const) {
      if (inner[axis] % level[axis] === 0) continue;
      const message = `${inner.name}: ${axis} ${inner[axis]} is not a multiple of the ${level[axis]} of ${level.name} around it`;
      at.fail(message);
    }
  });
}
