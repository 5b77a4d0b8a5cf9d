import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateTimeloop } from '../../src/model/timeloop/evaluate.ts';
import { InputError } from '../../src/spec/errors.ts';
import { readTimeloopSources } from '../../src/timeloop/read.ts';
import { loadCases, loadMaintainers } from './golden.ts';
import { SEEDS } from './seeds.ts';

/** A share of the 10,000 that `DSE_FUZZ_RUNS=10000` runs. */
const RUNS = Number(process.env.DSE_FUZZ_RUNS ?? 400);

const golden = [...loadCases(), ...loadMaintainers().slice(0, 3)].map(({ sources }) =>
  sources.map(({ text }) => text),
);
const sets = [...SEEDS, ...golden.filter((_, i) => i % 8 === 0)];

type Mutation = (texts: readonly string[], pick: (below: number) => number) => string[];

const WORDS = [
  'null',
  '-1',
  '1e308',
  '[]',
  '{}',
  '"',
  '*x',
  '&a [*a]',
  '!!binary x',
  '99999999999999999999',
  'yes',
  '0',
  '{{ x }}',
  '<<: 3',
  'name',
];

const MUTATIONS: readonly Mutation[] = [
  // A line is lost.
  (texts, pick) =>
    onOne(texts, pick, (text) =>
      lines(text)
        .toSpliced(pick(lines(text).length), 1)
        .join('\n'),
    ),
  // Two lines change places.
  (texts, pick) =>
    onOne(texts, pick, (text) => {
      const all = lines(text);
      const [a, b] = [pick(all.length), pick(all.length)];
      return all.with(a, all[b]).with(b, all[a]).join('\n');
    }),
  // A value becomes something else.
  (texts, pick) =>
    onOne(texts, pick, (text) =>
      replaceAt(text, /(?<=[:,[]\s*)[\w.'"=-]+/g, pick, WORDS[pick(WORDS.length)]),
    ),
  // A key is misspelt, or names another.
  (texts, pick) =>
    onOne(texts, pick, (text) =>
      replaceAt(text, /[\w-]+(?=:)/g, pick, ['target', 'nmae', '', 'class', '<<'][pick(5)]),
    ),
  // The text ends early.
  (texts, pick) => onOne(texts, pick, (text) => text.slice(0, pick(text.length))),
  // A character is another.
  (texts, pick) =>
    onOne(texts, pick, (text) => {
      const at = pick(text.length);
      return text.slice(0, at) + '{}[]:,-!&*#\n\t "\'|>%@`0aZ\u0000é'[pick(28)] + text.slice(at + 1);
    }),
  // A file is missing or comes twice.
  (texts, pick) => texts.toSpliced(pick(texts.length), 1),
  (texts, pick) => [...texts, texts[pick(texts.length)]],
  // Files of two sets are mixed.
  (texts, pick) => {
    const other = sets[pick(sets.length)];
    return texts.with(pick(texts.length), other[pick(other.length)]);
  },
];

function onOne(
  texts: readonly string[],
  pick: (below: number) => number,
  change: (text: string) => string,
): string[] {
  const at = pick(texts.length);
  return texts.length === 0 ? [] : texts.with(at, change(texts[at]));
}

function lines(text: string): string[] {
  return text.split('\n');
}

function replaceAt(text: string, pattern: RegExp, pick: (below: number) => number, word: string): string {
  const places = [...text.matchAll(pattern)];
  if (places.length === 0) return text;
  const { index, 0: found } = places[pick(places.length)];
  return text.slice(0, index) + word + text.slice(index + found.length);
}

test('every seed reads and evaluates', () => {
  for (const texts of SEEDS) {
    const { design, problem, mapping } = readTimeloopSources(
      texts.map((text, i) => ({ file: `${i}.yaml`, text })),
    );
    if (design && problem && mapping)
      expect(evaluateTimeloop(design, problem, mapping).cycles).toBeGreaterThan(0);
  }
});

test('mutated files are read, or refused with a place, within a second', () => {
  const numbers = fc.infiniteStream(fc.nat({ max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(
      fc.nat({ max: sets.length - 1 }),
      fc.integer({ min: 1, max: 3 }),
      numbers,
      (set, mutations, stream) => {
        const pick = (below: number): number => (below <= 1 ? 0 : (stream.next().value as number) % below);
        let texts = sets[set];
        for (let i = 0; i < mutations; i++) texts = MUTATIONS[pick(MUTATIONS.length)](texts, pick);
        const start = performance.now();
        const refusal = readAndEvaluate(texts);
        expect(performance.now() - start, texts.join('\n---\n')).toBeLessThan(1000);
        if (refusal)
          expect(
            refusal.diagnostics[0].position,
            `${refusal.message}\n${texts.join('\n---\n')}`,
          ).toBeDefined();
      },
    ),
    { numRuns: RUNS, seed: 20_240_601, endOnFailure: true },
  );
}, 600_000);

function readAndEvaluate(texts: readonly string[]): InputError | undefined {
  try {
    const input = readTimeloopSources(texts.map((text, i) => ({ file: `${i}.yaml`, text })));
    const { design, problem, mapping } = input;
    if (design && problem && mapping) evaluateTimeloop(design, problem, mapping);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}
