/** ONNX files on the command line: layers, dynamic dimensions, what is not costed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SearchReport } from '../../src/report/json.ts';
import { schemaErrors } from '../report/schemas.ts';
import { onnxModel } from '../support/onnx.ts';
import { dse } from './run.ts';

const RESNET = fileURLToPath(new URL('../fixtures/onnx/resnet50.onnx', import.meta.url));

let folder: string;
let model: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dse-onnx-'));
  model = join(folder, 'model.onnx');
  const nodes = [
    { op: 'MatMul', inputs: ['x', 'w'], outputs: ['h'], name: '/mlp/up/MatMul' },
    { op: 'Relu', inputs: ['h'], outputs: ['r'] },
    { op: 'MatMul', inputs: ['r', 'v'], outputs: ['y'], name: '/mlp/down/MatMul' },
  ];
  const weights = [
    { name: 'w', shape: [4, 8] },
    { name: 'v', shape: [8, 4] },
  ];
  writeFileSync(model, onnxModel({ inputs: { x: ['batch', 4] }, weights, nodes }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('dse workloads', () => {
  test('lists the layers and, below, every other operator with its share', async () => {
    const { code, stdout } = await dse(['workloads', RESNET, '--dim', 'batch=1', '--distinct']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^layer2\.layer2\.0\.conv2\.Conv +1 +115,605,504 .*\(2P\+R, 2Q\+S\)$/m);
    expect(stdout).toMatch(/^54 layers, 4\.089 GMAC$/m);
    expect(stdout).toMatch(/^Relu +49 +9,608,704 +elements +0\.2%$/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      'not costed: 0.4% of all operations, in Relu x49, Add x16, MaxPool x1, GlobalAveragePool x1',
    );
  });

  test('takes --param for --dim, and names a dimension without a value', async () => {
    const [dim, param] = await Promise.all([
      dse(['workloads', RESNET, '--dim', 'batch=2']),
      dse(['workloads', RESNET, '--param', 'batch=2']),
    ]);
    expect(param).toEqual(dim);
    const { code, stdout, stderr } = await dse(['workloads', RESNET]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no value for the dynamic dimension batch');
    expect(stderr).toContain('--dim batch=1');
  });
});

describe('dse search', () => {
  test('finds mappings for the layers, and says what it leaves out in text and JSON', async () => {
    const search = ['search', '--arch', 'two-level', '--layer', model, '--dim', 'batch=2', '--threads', '1'];
    const [text, json] = await Promise.all([dse(search), dse([...search, '--json'])]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^mlp\.up\.MatMul /m);
    expect(text.stdout).toMatch(/^not costed: 11\.1% of all operations, in Relu x1$/m);
    const report = JSON.parse(json.stdout) as SearchReport;
    expect(schemaErrors('dse.search-1', report)).toEqual([]);
    expect(report.layers.map(({ name }) => name)).toEqual(['mlp.up.MatMul', 'mlp.down.MatMul']);
    expect(report.notCosted).toEqual([
      { operator: 'Relu', nodes: 1, unknown: 0, operations: 16, unit: 'elements' },
    ]);
  });

  test('takes one node, without a word on the others', async () => {
    const layer = `${model}@batch=2:mlp.up`;
    const { code, stdout } = await dse(['search', '--arch', 'two-level', '--layer', layer, '--threads', '1']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('not costed');
  });
});
