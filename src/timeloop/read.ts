/**
 * Reads Timeloop files, one or several, as one specification. Sections may be spread over the files in any way;
 * unknown keys are errors, or warnings if `lenient`.
 */
import { host } from '#host';
import type { Diagnostic } from '../spec/errors.ts';
import { InputError } from '../spec/errors.ts';
import { parseYaml, throwAll } from '../spec/document.ts';
import type { Source } from '../spec/source.ts';
import { readSource } from '../spec/source.ts';
import { readArchitecture } from './architecture.ts';
import type { Constraint } from './constraints.ts';
import { inlineConstraints, readConstraints } from './constraints.ts';
import type { MapperSettings } from './mapper.ts';
import { readMapper } from './mapper.ts';
import { readTimeloopMapping } from './mapping.ts';
import { NODE_TAGS, evaluateScope } from './nodes.ts';
import { readProblem } from './problem.ts';
import type { Design, Problem, TimeloopMapping } from './spec.ts';
import { applyAreas, applyEnergies } from './tables.ts';
import { isTemplate, render } from './template.ts';
import type { Scope } from './tree.ts';
import { Cursor, Findings } from './tree.ts';

export interface ReadOptions {
  /** Unknown keys are warnings. */
  readonly lenient?: boolean;
  /** Values of template variables. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What the files say; a section that no file has is absent. */
export interface TimeloopInput {
  readonly design?: Design;
  readonly problem?: Problem;
  readonly mapping?: TimeloopMapping;
  readonly constraints: readonly Constraint[];
  readonly mapper?: MapperSettings;
  readonly warnings: readonly Diagnostic[];
}

/** Sections by every name Timeloop has had for them. */
const SECTIONS: ReadonlyMap<string, string> = new Map([
  ['architecture', 'architecture'],
  ['arch', 'architecture'],
  ['problem', 'problem'],
  ['mapping', 'mapping'],
  ['architecture_constraints', 'architecture_constraints'],
  ['arch_constraints', 'architecture_constraints'],
  ['mapspace_constraints', 'mapspace_constraints'],
  ['mapspace', 'mapspace'],
  ['constraints', 'mapspace_constraints'],
  ['extra_mapping_constraints', 'extra_mapping_constraints'],
  ['mapper', 'mapper'],
  ['ERT', 'ERT'],
  ['ERT_summary', 'ERT_summary'],
  ['ART', 'ART'],
  ['ART_summary', 'ART_summary'],
  ['compound_components', 'components'],
  ['components', 'components'],
  ['variables', 'variables'],
  ['globals', 'globals'],
  ['sparse_optimizations', 'sparse_optimizations'],
  ['model', 'model'],
  ['energy_estimation', 'ERT'],
  ['layout', 'layout'],
]);
/** Sections that say nothing about what is modelled. */
const WITHOUT_EFFECT = ['ERT_summary', 'ART_summary', 'model', 'dumped_by_timeloop_front_end'];

/** Sections that a Timeloop file has; a way to tell its files from others. */
export function isTimeloop(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('schema' in value) &&
    Object.keys(value).some((key) => SECTIONS.has(key.replaceAll('-', '_')))
  );
}

/** Throws `InputError` with the place of everything that is wrong. */
export function readTimeloop(paths: readonly string[], options: ReadOptions = {}): TimeloopInput {
  return readTimeloopSources(paths.map(readSource), options);
}

export function readTimeloopSources(sources: readonly Source[], options: ReadOptions = {}): TimeloopInput {
  const findings = new Findings(options.lenient ?? false);
  const loader = new Loader(findings, options.parameters ?? {});
  const roots = sources.map((source) => loader.load(source));
  const input = readSections(new Sections(roots, findings), findings);
  if (findings.problems.length > 0) throwAll(findings.problems);
  return input;
}

/** Parses files and those they include. */
class Loader {
  readonly #findings: Findings;
  readonly #parameters: Readonly<Record<string, string>>;
  readonly #open: string[] = [];

  constructor(findings: Findings, parameters: Readonly<Record<string, string>>) {
    this.#findings = findings;
    this.#parameters = parameters;
  }

  load(source: Source): Cursor {
    if (this.#open.includes(source.file))
      throw new InputError({ message: `'${source.file}' includes itself` });
    this.#open.push(source.file);
    const text = isTemplate(source.text)
      ? render(source, { cwd: host.files.dirname(source.file), ...this.#parameters }, (paths, key) =>
          this.#include(paths, key),
        )
      : source.text;
    this.#open.pop();
    return Cursor.root(this.#findings, parseYaml(text, source.file, { tags: NODE_TAGS, mergeKeys: true }));
  }

  /** A scalar that stands for the included values, in quotes of its own. */
  #include(paths: readonly string[], key: readonly string[]): string {
    const places = paths.map((path) => {
      const root = this.load(readSource(path));
      return key.reduce((at, step) => at.need(step), root);
    });
    const name = `__include_${this.#findings.includes.size}__`;
    this.#findings.includes.set(name, places);
    return JSON.stringify(name);
  }
}

/** The top-level sections of all files. */
class Sections {
  readonly #places = new Map<string, Cursor[]>();

  constructor(roots: readonly Cursor[], findings: Findings) {
    for (const root of roots) {
      root.mapping('Timeloop sections, as in architecture: or problem:');
      for (const key of root.keys()) this.#add(key, root.get(key), findings);
      root.expectKeys([...SECTIONS.keys()], WITHOUT_EFFECT);
    }
  }

  #add(key: string, at: Cursor | undefined, findings: Findings): void {
    const section = SECTIONS.get(key);
    if (!section || !at) return;
    const places = this.#places.get(section);
    if (!places) this.#places.set(section, [at]);
    else if (places[0].isList() && at.isList()) places.push(at);
    else
      findings.problems.push(
        at.diagnostic(`'${key}' is given twice`, {
          suggestion: `remove one of the files that describe '${key}'`,
        }),
      );
  }

  /** A section that is one value. */
  get(section: string): Cursor | undefined {
    return this.#places.get(section)?.[0];
  }
}

function readSections(sections: Sections, findings: Findings): TimeloopInput {
  refuseUnsupported(sections);
  const variables = topVariables(sections);
  const architecture = sections.get('architecture');
  const read = architecture && readArchitecture(architecture, variables, compoundAttributes(sections));
  const design = read && withTables(read.design, sections);
  const problemAt = sections.get('problem');
  const problem = problemAt && readProblem(problemAt);
  const mappingAt = sections.get('mapping');
  const mappingGiven = mappingAt !== undefined && !(mappingAt.isList() && mappingAt.items().length === 0);
  const mapping =
    mappingGiven && design && problem ? readTimeloopMapping(mappingAt, design, problem) : undefined;
  const constraints =
    design && problem
      ? [
          ...inlineConstraints(read.constraints, design, problem),
          ...readConstraints((name) => sections.get(name), design, problem),
        ]
      : [];
  const mapper = sections.get('mapper');
  return {
    design,
    problem,
    mapping,
    constraints,
    mapper: mapper && readMapper(mapper),
    warnings: findings.warnings,
  };
}

function refuseUnsupported(sections: Sections): void {
  const sparse = sections.get('sparse_optimizations');
  const targets = sparse?.get('targets');
  if (sparse && (targets ? targets.items().length > 0 : sparse.keys().some((key) => key !== 'version'))) {
    sparse.fail('sparse optimizations are not modelled');
  }
  sections.get('layout')?.fail('layouts are not modelled');
}

function topVariables(sections: Sections): Scope {
  const globals = sections.get('globals')?.get('variables');
  const variables = sections.get('variables');
  const outer = globals ? evaluateScope(globals, {}) : {};
  return variables ? evaluateScope(variables, outer) : outer;
}

function withTables(design: Design, sections: Sections): Design {
  const energies = sections.get('ERT');
  const areas = sections.get('ART');
  const withEnergies = energies ? applyEnergies(design, energies) : design;
  return areas ? applyAreas(withEnergies, areas) : withEnergies;
}

/** Attributes that compound component classes declare. */
function compoundAttributes(sections: Sections): Map<string, string[]> {
  const components = sections.get('components');
  const classes = components?.get('classes') ?? (components?.isList() ? components : undefined);
  return new Map(
    (classes?.items() ?? []).map((at) => [
      at.mapping('a component class').need('name').text('the name of a class'),
      at.get('attributes')?.keys() ?? [],
    ]),
  );
}
