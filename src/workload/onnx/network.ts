/** An ONNX file as a network: its dynamic dimensions are the parameters, its convolutions and products the layers. */
import { host } from '#host';
import type { Variables } from '../../spec/expression.ts';
import type { Network } from '../workload.ts';
import { readOnnx } from './decode.ts';
import { dynamicDims } from './dims.ts';
import { type GraphContents, readGraph } from './graph.ts';
import type { OnnxModel } from './model.ts';

export class OnnxNetwork implements Network {
  /** The file's, without `.onnx`: exporters name graphs `torch_jit` and the like. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, undefined>>;
  readonly #model: OnnxModel;

  constructor(model: OnnxModel) {
    this.name = host.files.basename(model.file).replace(/\.onnx$/, '');
    this.parameters = Object.fromEntries(dynamicDims(model).map((name) => [name, undefined]));
    this.#model = model;
  }

  contents(values: Variables): GraphContents {
    return readGraph(this.#model, values);
  }
}

/** Reads the file. Throws `InputError` if it is missing, damaged or no ONNX model. */
export function readOnnxNetwork(path: string): OnnxNetwork {
  return new OnnxNetwork(readOnnx(path));
}
