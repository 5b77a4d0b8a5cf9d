/** The engine's answers to the inputs: texts of files, what they hold, Timeloop's files as ours. */
import type { Diagnostic } from 'dse/browser';
import {
  InputError,
  architectureSource,
  filesFromTimeloop,
  listArchitectures,
  loadWorkload,
  macs,
  writeFile,
} from 'dse/browser';
import type { Machine, Settings } from './knobs.ts';
import { machineOf, turned } from './machine.ts';

/** An architecture as the page has it. */
export interface ArchitectureInput {
  /** A shipped one, or the name of a file. */
  readonly name: string;
  /** Absent for a shipped one as it is. */
  readonly text?: string;
  readonly settings: Settings;
}

export interface LayerChoice {
  readonly name: string;
  readonly count: number;
  /** `M=64 C=3 …`. */
  readonly bounds: string;
  readonly macs: number;
}

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

export interface Converted {
  readonly text: string;
  /** As the layer field takes it. */
  readonly layer: string;
  readonly warnings: readonly Diagnostic[];
}

/** Throws `InputError` with every mistake in the text. */
export function readMachine({ name, text = shippedText(name) }: ArchitectureInput): Machine {
  return machineOf(text, fileOf(name));
}

/**
 * The file as it is asked for, for saving and for requests to name; undefined for a shipped one as it is.
 *
 * @throws InputError if knobs are turned in a file that cannot be read
 */
export function architectureFile({ name, text, settings }: ArchitectureInput): TextFile | undefined {
  const isTurned = Object.keys(settings).length > 0;
  if (text === undefined && !isTurned) return undefined;
  const file = fileOf(name);
  const own = text ?? shippedText(name);
  return { file, text: isTurned ? turned(own, file, settings) : own };
}

/** What requests name: the file is put where the engine finds it. */
export function archName(input: ArchitectureInput): string {
  const found = architectureFile(input);
  if (!found) return input.name;
  writeFile(found.file, found.text);
  return found.file;
}

function shippedText(name: string): string {
  return architectureSource(name).text;
}

/** A file of the page must not stand before the shipped one of its name. */
function fileOf(name: string): string {
  const plain = name.replace(/\.ya?ml$/, '');
  return listArchitectures().includes(plain) ? `my-${plain}.yaml` : `${plain}.yaml`;
}

/** The layers of a selector. Throws `InputError`. */
export function readLayers(selector: string): readonly LayerChoice[] {
  return loadWorkload(selector).layers.map(({ name, count, einsum }) => ({
    name,
    count,
    bounds: einsum.dims.map((dim) => `${dim.name}=${dim.bound}`).join(' '),
    macs: macs(einsum),
  }));
}

/** Machine, layer and constraints of Timeloop's files. Throws `InputError` with places in them. */
export function fromTimeloop(files: readonly TextFile[]): Converted {
  for (const { file, text } of files) writeFile(file, text);
  const { files: ours, layer, warnings } = filesFromTimeloop(files.map(({ file }) => file));
  const text = ours.get('arch.yaml');
  if (text === undefined) throw new InputError({ message: 'the files hold no architecture' });
  return { text: text + rulesOf(ours.get('constraints.yaml')), layer, warnings };
}

/** The list of a constraints file, as an architecture's file holds it. */
function rulesOf(constraints: string | undefined): string {
  return constraints?.slice(constraints.indexOf('constraints:')) ?? '';
}
