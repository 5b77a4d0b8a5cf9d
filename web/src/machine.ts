/** Architecture files in the engine's thread: the knobs of a machine, and the file with its knobs turned. */
import type { Architecture, Fanout, Memory } from 'dse/browser';
import { fanouts, memories, parseArchitecture } from 'dse/browser';
import { Document, isMap, parseDocument, visit } from 'yaml';
import type { Knob, Machine, Settings } from './knobs.ts';
import { settingsOf } from './knobs.ts';

const LINE_WIDTH = 120;

/** Throws `InputError` with every mistake in the text. */
export function machineOf(text: string, file: string): Machine {
  const arch = parseArchitecture(text, file);
  const [outermost] = memories(arch);
  return {
    name: arch.name,
    description: arch.description,
    text,
    hasArea: [...arch.nodes, arch.compute].some(({ areaUm2 }) => areaUm2 > 0),
    knobs: [...sizes(arch), ...fanouts(arch).flatMap(sides), ...energies(outermost)],
  };
}

function sizes(arch: Architecture): Knob[] {
  return memories(arch)
    .filter(({ words }) => words !== Infinity)
    .map(({ name, words, wordBits, blockSize }) => ({
      key: `${name}.size`,
      label: `${name} size`,
      kind: 'size',
      unit: 'words',
      base: words,
      wordBits,
      // The size may have been given as blocks.
      sets: {
        [`${name}.size`]: '# words',
        ...(blockSize > 1 && { [`${name}.block`]: `${blockSize} words` }),
      },
    }));
}

/** A row of units is varied along its one side. */
function sides({ name, x, y }: Fanout): Knob[] {
  const side = (axis: 'x' | 'y', words: string, base: number): Knob => ({
    key: `${name}.${axis}`,
    label: `${name} ${words}`,
    kind: 'count',
    unit: words,
    base,
    sets: { [`${name}.${axis}`]: '#' },
  });
  const columns = side('x', 'columns', x);
  return y === 1 ? [columns] : [columns, side('y', 'rows', y)];
}

/** Reads, fills and updates keep the ratios the file gives them. */
function energies({ name, energy }: Memory): Knob[] {
  if (energy.readPj === 0) return [];
  const form = (pj: number): string => (pj === energy.readPj ? '# pJ' : `# * ${pj / energy.readPj} pJ`);
  return [
    {
      key: `${name}.energy`,
      label: `${name} energy per access`,
      kind: 'energy',
      unit: 'pJ',
      base: energy.readPj,
      sets: {
        [`${name}.energy.read`]: '# pJ',
        [`${name}.energy.fill`]: form(energy.fillPj),
        [`${name}.energy.update`]: form(energy.updatePj),
      },
    },
  ];
}

/** The file with its knobs turned, its comments kept. Throws `InputError` if it cannot be read as it is. */
export function turned(text: string, file: string, settings: Settings): string {
  const set = machineOf(text, file).knobs.filter(({ key }) => key in settings);
  const document = plain(parseDocument(text));
  const hierarchy = document.toJS().hierarchy as readonly Record<string, unknown>[];
  for (const [path, value] of set.flatMap((knob) => Object.entries(settingsOf(knob, settings[knob.key])))) {
    const [node, ...keys] = path.split('.');
    const index = hierarchy.findIndex(({ memory, array }) => node === (memory ?? array));
    const place = ['hierarchy', index, ...keys];
    const parent = place.slice(0, -1);
    if (!isMap(document.getIn(parent))) document.setIn(parent, document.createNode({}));
    document.setIn(place, Number.isNaN(Number(value)) ? value : Number(value));
  }
  return document.toString({ lineWidth: LINE_WIDTH });
}

/** What several places share would change at all of them: written out, at the cost of the comments. */
function plain(document: Document): Document {
  let isShared = false;
  visit(document, { Alias: () => void (isShared = true) });
  return isShared ? new Document(document.toJS(), { aliasDuplicateObjects: false }) : document;
}
