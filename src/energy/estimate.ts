/** The library's one entry: what a component costs, and where its numbers come from. */
import { InputError } from '../spec/errors.ts';
import { adder, mac } from './arithmetic.ts';
import { DRAM, dram, regfile, sram } from './memories.ts';
import {
  type ComponentRequest,
  type MemoryRequest,
  type OperationRequest,
  type RegfileRequest,
  type SramRequest,
  requestProblem,
} from './request.ts';
import { wirePjPerBitMm } from './technology.ts';

/** Of one memory: picojoules per access of `widthBits`, milliwatts, square micrometres. */
export interface MemoryEstimate {
  readonly readPj: number;
  readonly writePj: number;
  readonly leakMw: number;
  readonly areaUm2: number;
}

/** Of one unit: picojoules per operation or transfer, milliwatts, square micrometres. */
export interface OperationEstimate {
  readonly energyPj: number;
  readonly leakMw: number;
  readonly areaUm2: number;
}

/**
 * Energy, leakage and area of a component, from published constants and laws (docs/energy.md, `componentSource`).
 * Modelled technologies: 65, 45, 40, 32, 28, 22, 16, 14, 12, 10 and 7 nm. Low-power leakage is that at room
 * temperature and retention voltage.
 *
 * @throws InputError if a value is not modelled: it says which range is
 *
 * @example
 * estimate({ component: 'sram', sizeBits: 108 * 1024 * 8, widthBits: 64, technologyNm: 65 }).readPj; // 57.3
 */
export function estimate(request: MemoryRequest): MemoryEstimate;
export function estimate(request: OperationRequest): OperationEstimate;
export function estimate(request: ComponentRequest): MemoryEstimate | OperationEstimate {
  const problem = requestProblem(request);
  if (problem) {
    const { message, expected, suggestion } = problem;
    throw new InputError({ message, expected, suggestion });
  }
  switch (request.component) {
    case 'sram':
      return sram(request);
    case 'regfile':
      return regfile(request);
    case 'dram':
      return dram(request);
    case 'mac':
      return mac(request.type, request.technologyNm);
    case 'adder':
      return adder(request.type, request.technologyNm);
    case 'wire': {
      const { technologyNm, lengthMm, widthBits } = request;
      return { energyPj: wirePjPerBitMm(technologyNm) * lengthMm * widthBits, leakMw: 0, areaUm2: 0 };
    }
  }
}

/** Where a component's numbers come from, in one line. */
export function componentSource(request: ComponentRequest): string {
  switch (request.component) {
    case 'sram':
      return `CACTI 7 and Horowitz (ISSCC 2014); leakage: ${leakageSource(request)}; cell area: foundries' papers`;
    case 'regfile':
      return `Aladdin (ISCA 2014), energy with the square root of the depth; leakage: ${leakageSource(request)}`;
    case 'dram':
      return DRAM[request.kind].source;
    case 'mac':
    case 'adder':
      return 'Horowitz (ISSCC 2014); leakage: Aladdin (ISCA 2014)';
    case 'wire':
      return 'Keckler et al. (IEEE Micro 2011)';
  }
}

function leakageSource({ component, cells }: SramRequest | RegfileRequest): string {
  if (cells !== 'high_performance') return 'Wang et al. (JSSC 2008)';
  return component === 'sram' ? 'CACTI 7' : 'Aladdin';
}

/** A request in a few words: `sram, 108 KB, 64 bit, 65 nm`. */
export function describeRequest(request: ComponentRequest): string {
  switch (request.component) {
    case 'sram':
    case 'regfile': {
      const { banks = 1, ports = 1, cells } = request as SramRequest;
      const parts = [request.component, `${request.widthBits} bit wide`];
      if (banks > 1) parts.push(`${banks} banks`);
      if (ports > 1) parts.push(`${ports} ports`);
      if (cells === 'high_performance') parts.push('high-performance cells');
      return [...parts, `${request.technologyNm} nm`].join(', ');
    }
    case 'dram':
      return `dram, ${request.kind}`;
    case 'wire':
      return `wire, ${request.lengthMm} mm, ${request.technologyNm} nm`;
    default:
      return `${request.component}, ${request.type}, ${request.technologyNm} nm`;
  }
}
