/** What may be asked of the library, and what is wrong with a request for something it does not model. */
import type { Diagnostic } from '../spec/errors.ts';
import { didYouMean } from '../spec/suggest.ts';
import { TECHNOLOGIES, type TechnologyNm } from './technology.ts';

export const NUMBER_TYPES = ['int4', 'int8', 'int16', 'int32', 'fp8', 'bf16', 'fp16', 'fp32'] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

export const DRAM_KINDS = ['ddr3', 'ddr4', 'lpddr4', 'lpddr5', 'gddr6', 'hbm2', 'hbm2e', 'hbm3'] as const;
export type DramKind = (typeof DRAM_KINDS)[number];

/** Transistors of a memory's cells: their leakage differs by up to four orders of magnitude. */
export const CELLS = ['low_power', 'high_performance'] as const;
export type Cells = (typeof CELLS)[number];

/** A single-ported SRAM of one bank and low-power cells, unless said otherwise. 32 B to 64 MB, 1 to 1024 bit. */
export interface SramRequest {
  readonly component: 'sram';
  readonly technologyNm: TechnologyNm;
  readonly sizeBits: number;
  /** Bits of one access. */
  readonly widthBits: number;
  /** 1 to 64. */
  readonly banks?: number;
  /** Read-and-write ports, 1 to 4. */
  readonly ports?: number;
  readonly cells?: Cells;
}

/** Registers with one read and one write port and low-power cells. Up to 4 KB, 1 to 1024 bit. */
export interface RegfileRequest {
  readonly component: 'regfile';
  readonly technologyNm: TechnologyNm;
  readonly sizeBits: number;
  /** Bits of one access. */
  readonly widthBits: number;
  readonly cells?: Cells;
}

export interface DramRequest {
  readonly component: 'dram';
  readonly kind: DramKind;
  /** Bits of one access. */
  readonly widthBits: number;
}

/** A multiplier of two numbers of the type and an adder: int32 for integers, fp32 for floating point. */
export interface MacRequest {
  readonly component: 'mac';
  readonly technologyNm: TechnologyNm;
  readonly type: NumberType;
}

export interface AdderRequest {
  readonly component: 'adder';
  readonly technologyNm: TechnologyNm;
  readonly type: NumberType;
}

/** A repeated wire on the chip that carries random data. Its energy alone is modelled. */
export interface WireRequest {
  readonly component: 'wire';
  readonly technologyNm: TechnologyNm;
  readonly lengthMm: number;
  /** Bits side by side. */
  readonly widthBits: number;
}

export const MEMORY_COMPONENTS = ['sram', 'regfile', 'dram'] as const;

export type MemoryRequest = SramRequest | RegfileRequest | DramRequest;
export type OperationRequest = MacRequest | AdderRequest | WireRequest;
export type ComponentRequest = MemoryRequest | OperationRequest;

/** What is wrong with a request, and with which key of it. */
export interface RequestProblem extends Pick<Diagnostic, 'message' | 'expected' | 'suggestion'> {
  readonly key: string;
}

interface Range {
  readonly least: number;
  readonly most: number;
  readonly expected: string;
}

const MEGABYTE_BITS = 8 * 2 ** 20;
const SIZE: Readonly<Record<'sram' | 'regfile', Range>> = {
  sram: { least: 32 * 8, most: 64 * MEGABYTE_BITS, expected: '32 B to 64 MB' },
  regfile: { least: 1, most: MEGABYTE_BITS / 256, expected: '1 bit to 4 KB' },
};
const WIDTH: Range = { least: 1, most: 1024, expected: '1 to 1024 bit' };
const BANKS: Range = { least: 1, most: 64, expected: 'a whole number from 1 to 64' };
const PORTS: Range = { least: 1, most: 4, expected: 'a whole number from 1 to 4' };

/** The first value of a request that the library does not model. */
export function requestProblem(request: ComponentRequest): RequestProblem | undefined {
  const technology = 'technologyNm' in request ? technologyProblem(request.technologyNm) : undefined;
  return technology ? { key: 'technologyNm', ...technology } : valueProblem(request);
}

/** What is wrong with a technology node, given in nm; the nearest that is modelled is suggested. */
export function technologyProblem(nm: number): Omit<RequestProblem, 'key'> | undefined {
  if (TECHNOLOGIES.some((known) => known === nm)) return undefined;
  const ratio = (known: number): number => Math.abs(Math.log(known / nm));
  const nearest = TECHNOLOGIES.reduce((a, b) => (ratio(b) < ratio(a) ? b : a));
  return {
    message: `technology ${nm} nm is not modelled`,
    expected: `one of ${TECHNOLOGIES.join(', ')} nm`,
    suggestion: nm > 0 ? `the nearest is '${nearest} nm'` : undefined,
  };
}

function valueProblem(request: ComponentRequest): RequestProblem | undefined {
  switch (request.component) {
    case 'sram':
      return (
        memoryProblem(request) ??
        outside(request, 'banks', BANKS) ??
        outside(request, 'ports', PORTS) ??
        unknown(request, 'cells', CELLS)
      );
    case 'regfile':
      return memoryProblem(request) ?? unknown(request, 'cells', CELLS);
    case 'dram':
      return unknown(request, 'kind', DRAM_KINDS) ?? positiveWidth(request.widthBits);
    case 'mac':
    case 'adder':
      return unknown(request, 'type', NUMBER_TYPES);
    case 'wire':
      return positiveWidth(request.widthBits) ?? notNegative(request.lengthMm);
    default:
      return unknown(request as { component: string }, 'component', COMPONENTS);
  }
}

const COMPONENTS = [...MEMORY_COMPONENTS, 'mac', 'adder', 'wire'];

function memoryProblem({
  component,
  sizeBits,
  widthBits,
}: SramRequest | RegfileRequest): RequestProblem | undefined {
  const what = component === 'sram' ? 'an SRAM' : 'a register file';
  if (!within(sizeBits, SIZE[component])) {
    const message = `${what} of ${sizeText(sizeBits)} is not modelled`;
    const { expected } = SIZE[component];
    return { key: 'sizeBits', message, expected, suggestion: otherMemory(component, sizeBits) };
  }
  if (within(widthBits, WIDTH)) return undefined;
  const message = `${what} with accesses of ${widthBits} bit is not modelled`;
  return { key: 'widthBits', message, expected: WIDTH.expected };
}

function otherMemory(component: 'sram' | 'regfile', sizeBits: number): string | undefined {
  if (component === 'regfile' && within(sizeBits, SIZE.sram)) return "use 'component: sram'";
  return component === 'sram' && within(sizeBits, SIZE.regfile) ? "use 'component: regfile'" : undefined;
}

function sizeText(bits: number): string {
  if (bits === Infinity) return 'unlimited size';
  if (bits < 8) return `${bits} bit`;
  return bits < MEGABYTE_BITS ? `${bits / 8} B` : `${bits / MEGABYTE_BITS} MB`;
}

function within(value: number, { least, most }: Range): boolean {
  return value >= least && value <= most;
}

function outside<K extends string>(
  request: { readonly [key in K]?: number },
  key: K,
  range: Range,
): RequestProblem | undefined {
  const value = request[key];
  if (value === undefined || (Number.isInteger(value) && within(value, range))) return undefined;
  return { key, message: `${key} is ${value}`, expected: range.expected };
}

function unknown<K extends string>(
  request: { readonly [key in K]?: string },
  key: K,
  known: readonly string[],
): RequestProblem | undefined {
  const value = request[key];
  if (value === undefined ? key === 'cells' : known.includes(value)) return undefined;
  const found = value === undefined ? `${key} is missing` : `unknown ${key} '${value}'`;
  return {
    key,
    message: found,
    expected: `one of ${known.join(', ')}`,
    suggestion: didYouMean(`${value}`, known),
  };
}

function positiveWidth(widthBits: number): RequestProblem | undefined {
  if (widthBits > 0 && widthBits < Infinity) return undefined;
  return { key: 'widthBits', message: `widthBits is ${widthBits}`, expected: 'a number of more than zero' };
}

function notNegative(lengthMm: number): RequestProblem | undefined {
  if (lengthMm >= 0 && lengthMm < Infinity) return undefined;
  return { key: 'lengthMm', message: `lengthMm is ${lengthMm}`, expected: 'a number of at least zero' };
}
