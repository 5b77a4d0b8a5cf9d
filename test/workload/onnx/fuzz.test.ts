/** Damaged ONNX files: a complaint or a network, never a crash or a hang. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/mapspace/random.ts';
import { InputError } from '../../../src/spec/errors.ts';
import { decodeOnnx } from '../../../src/workload/onnx/decode.ts';
import { OnnxNetwork } from '../../../src/workload/onnx/network.ts';

const DIMS = { batch: 1, seq: 16 };

/** What reading says; anything but an InputError is thrown on. */
function outcome(bytes: Uint8Array): 'read' | 'refused' {
  try {
    new OnnxNetwork(decodeOnnx(bytes, 'fuzz.onnx')).contents(DIMS);
    return 'read';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [{ message }] = error.diagnostics;
    expect(message).toContain('fuzz.onnx');
    return 'refused';
  }
}

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../fixtures/onnx/${name}.onnx`, import.meta.url));
}

/** A few bytes replaced, or a stretch removed, doubled or cleared. */
function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + random.below(40));
  const kind = random.below(4);
  if (kind === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  const copy = Uint8Array.from(bytes);
  if (kind === 2) return copy.fill(random.pick([0, 1, 127, 128, 255]), at, end);
  for (let change = random.below(8); change >= 0; change--)
    copy[random.below(copy.length)] = random.below(256);
  return copy;
}

describe.each([
  ['mobilenet_v2', 200, ['read', 'refused']],
  // Most of this file is names, and a name that changes is one that nothing makes.
  ['bert_base', 40, ['refused']],
])('%s', (name, runs, expected) => {
  const bytes = fixture(name);

  it(`is refused where it is cut off, in ${runs / 2} places`, () => {
    const random = new Random(1, 1);
    for (let run = 0; run < runs / 2; run++) {
      expect(outcome(bytes.subarray(0, random.below(bytes.length)))).toBe('refused');
    }
  });

  it(`is read or refused in ${runs} mutations`, () => {
    const random = new Random(1, 2);
    const outcomes = Array.from({ length: runs }, () => outcome(mutate(bytes, random)));
    expect([...new Set(outcomes)].toSorted()).toEqual(expected);
  });
});
