/** Reads energy (ERT) and area (ART) reference tables and puts them into a design. */
import type { Design } from './spec.ts';
import type { Cursor } from './tree.ts';

/** Energies per action of each component: the largest where an action is listed more than once. */
type EnergyTable = ReadonlyMap<string, Record<string, number>>;

/** Last part of a hierarchical name, without its range: `system.PE[0..3].mac[1..4]` → `mac`. */
function componentName(path: string): string {
  const name = path.replace(/\[[^\]]*\]/g, '');
  return name.slice(name.lastIndexOf('.') + 1);
}

export function applyEnergies(design: Design, at: Cursor): Design {
  const energies = readEnergies(at);
  const wire = energies.get('wire') ?? energies.get('Wire');
  const levels = design.levels.map((level) => {
    const network = wire?.transfer_random
      ? { ...level.network, wireEnergy: Math.fround(wire.transfer_random) }
      : level.network;
    return { ...level, network, actions: energies.get(level.name) ?? level.actions };
  });
  const actions = energies.get(design.arithmetic.name) ?? design.arithmetic.actions;
  return { ...design, levels, arithmetic: { ...design.arithmetic, actions } };
}

function readEnergies(at: Cursor): EnergyTable {
  at.mapping('an energy reference table').expectKeys(['version', 'tables']);
  const tables = at.need('tables');
  const energies = new Map<string, Record<string, number>>();
  if (tables.isMapping()) {
    for (const key of tables.keys()) energies.set(componentName(key), actionsByName(tables.need(key)));
  } else for (const table of tables.list('tables')) energies.set(...namedTable(table));
  return energies;
}

/** v0.3 and later: `{name, actions: [{name, arguments, energy}]}`. */
function namedTable(at: Cursor): [string, Record<string, number>] {
  at.mapping('a table').expectKeys(['name', 'actions']);
  const energies: Record<string, number> = {};
  for (const action of at.need('actions').list('actions')) {
    action.mapping('an action').expectKeys(['name', 'arguments', 'energy'], ['latency']);
    const name = action.need('name').text('the name of an action');
    energies[name] = Math.max(energies[name] ?? 0, action.need('energy').notNegative('an energy in pJ'));
  }
  return [componentName(at.need('name').text('a name')), energies];
}

/** v0.2: action names lead to one energy or to a list with arguments. */
function actionsByName(at: Cursor): Record<string, number> {
  return Object.fromEntries(
    at
      .mapping('actions')
      .keys()
      .map((name) => {
        const energies = at
          .need(name)
          .items()
          .map((entry) => entry.need('energy').notNegative('an energy in pJ'));
        return [name, Math.max(0, ...energies)];
      }),
  );
}

/** Areas are single-precision numbers in Timeloop. */
export function applyAreas(design: Design, at: Cursor): Design {
  at.mapping('an area reference table').expectKeys(['version', 'tables']);
  const areas = new Map<string, number>();
  for (const table of at.need('tables').list('tables')) {
    table.mapping('a table').expectKeys(['name', 'area']);
    areas.set(
      componentName(table.need('name').text('a name')),
      Math.fround(table.need('area').notNegative('an area in µm²')),
    );
  }
  const area = (component: { readonly name: string; readonly area: number }): number =>
    areas.get(component.name) ?? component.area;
  return {
    ...design,
    levels: design.levels.map((level) => ({ ...level, area: area(level) })),
    arithmetic: { ...design.arithmetic, area: area(design.arithmetic) },
  };
}
