import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, evaluatePrefix } from '../../src/spec/expression.ts';
import { complaints, diagnosticsOf } from './support.ts';

test.each([
  ['2 + 3 * 4', 14],
  ['(2 + 3) * 4', 20],
  ['10 - 4 - 3', 3],
  ['24 / 4 / 3', 2],
  ['2 ** 3 ** 2', 512],
  ['-2 ** 2', -4],
  ['2 ** -1', 0.5],
  ['2 * -3', -6],
  ['--3', 3],
  ['17 % 5', 2],
  ['1.5e3 + .5', 1500.5],
  ['max(1, 2 + 3, 4)', 5],
  ['min(3, 2)', 2],
  ['ceil(168 / 14 / 5)', 3],
  ['floor(-1.5) + round(2.5) + abs(-1)', 2],
  ['log2(1024) * sqrt(16)', 40],
  ['pow(2, 10)', 1024],
  ['3 < 4', 1],
  ['3 >= 4', 0],
  ['1 + 1 == 2', 1],
  ['2 != 2', 0],
  ['0 and 1 / 0 < 3', 0],
  ['1 or 1 / 0 < 3', 1],
  ['5 if 1 else 1 / 0', 5],
])('%s is %d', (text, value) => {
  expect(evaluate(text)).toBe(value);
});

test('variables are read by name', () => {
  expect(evaluate('200 * mac + b_2', { mac: 2.5, b_2: 1 })).toBe(501);
});

test('a prefix ends where no operator follows', () => {
  expect(evaluatePrefix('200 * mac pJ', { mac: 2 })).toEqual({ value: 400, end: 9 });
  expect(evaluatePrefix('4 words/cycle')).toEqual({ value: 4, end: 1 });
});

test.each([
  ['', "expected a number at the end of ''"],
  ['2 +', "expected a number at the end of '2 +'"],
  ['(2', "expected ')' at the end of '(2'"],
  ['2 3', "expected an operator before '3'"],
  ['* 3', "expected a number, found '*' in '* 3'"],
  ['#', "expected a number before '#'"],
  ['mac', "unknown variable 'mac'"],
  ['eval(1)', "unknown function 'eval'"],
  ['pow(2)', "'pow' takes 2 arguments, found 1"],
  ['sqrt(1, 2)', "'sqrt' takes 1 argument, found 2"],
  ['1 / 0', "'1 / 0' is not a finite number"],
  ['1 / 0 < 3', "'1 / 0 < 3' is not a finite number"],
  ['1 / 0 < 3 or 1', "'1 / 0 < 3 or 1' is not a finite number"],
  ['not 1 / 0 < 3', "'not 1 / 0 < 3' is not a finite number"],
  ['2 if 1 / 0 > 3 else 1', "'2 if 1 / 0 > 3 else 1' is not a finite number"],
  ['sqrt(-1)', "'sqrt(-1)' is not a finite number"],
  ['constructor', "unknown variable 'constructor'"],
  ['__proto__', "unknown variable '__proto__'"],
])('%j is refused: %s', (text, message) => {
  expect(complaints(() => evaluate(text))).toEqual([message]);
});

test('a misspelt variable or function comes with the right one', () => {
  expect(diagnosticsOf(() => evaluate('2 * mca', { mac: 1 }))[0].suggestion).toBe("did you mean 'mac'?");
  expect(diagnosticsOf(() => evaluate('cel(2)'))[0].suggestion).toBe("did you mean 'ceil'?");
});

test('deep nesting is refused, not a stack overflow', () => {
  expect(complaints(() => evaluate('('.repeat(100_000)))).toEqual(['the expression is nested too deeply']);
  expect(complaints(() => evaluate('-'.repeat(100_000)))).toEqual(['the expression is nested too deeply']);
});

test('agrees with JavaScript on random sums and products', () => {
  const operand = fc.integer({ min: 1, max: 99 }).map(String);
  const expression = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, operand, tie('pair')),
    pair: fc
      .tuple(tie('tree'), fc.constantFrom(' + ', ' - ', ' * ', ' / '), tie('tree'))
      .map(([a, operator, b]) => `(${a as string}${operator}${b as string})`),
  })).tree;
  const property = fc.property(expression, (text) => {
    const flat = (text as string).replace(/\(\d+ - \d+\)/g, '7');
    // The only test that runs generated JavaScript: digits, operators and parentheses.
    const expected = Number(new Function(`return ${flat}`)());
    fc.pre(Number.isFinite(expected));
    expect(evaluate(flat)).toBe(expected);
  });
  fc.assert(property, { numRuns: 200 });
});
