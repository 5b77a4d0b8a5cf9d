import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { InputError } from '../../src/spec/errors.ts';
import { renderDiagnostics } from '../../src/spec/render.ts';

const position = { file: 'a.yaml', line: 12, column: 11, text: '    size: 108 pJ', length: 6 };

test('place, message, source line, caret, what was expected and what to do', () => {
  const error = new InputError({
    message: 'wrong unit',
    position,
    expected: 'a size',
    suggestion: 'write 108 KB',
  });
  expect(`\n${renderDiagnostics(error)}\n`).toMatchInlineSnapshot(`
    "
    a.yaml:12:11: wrong unit
      12 |     size: 108 pJ
         |           ^^^^^^
      expected a size
      write 108 KB
    "
  `);
});

test('without a place there is only the message', () => {
  expect(renderDiagnostics(new InputError({ message: "cannot read 'x'" }))).toBe("cannot read 'x'");
});

test('diagnostics are set apart by an empty line', () => {
  const error = new InputError([{ message: 'one' }, { message: 'two' }]);
  expect(renderDiagnostics(error)).toBe('one\n\ntwo');
});

test('colour is an option and changes nothing else', () => {
  const error = new InputError({ message: 'wrong unit', position });
  const colored = renderDiagnostics(error, { color: true });
  expect(colored).toContain('\u001b[31m^^^^^^\u001b[0m');
  expect(stripVTControlCharacters(colored)).toBe(renderDiagnostics(error));
});

test('a long line is cut to a window around the caret', () => {
  const text = `${'a'.repeat(5000)}BAD${'b'.repeat(5000)}`;
  const error = new InputError({ message: 'm', position: { ...position, text, column: 5001, length: 3 } });
  const [, source, caret] = renderDiagnostics(error).split('\n');
  expect(source.length).toBeLessThan(130);
  expect(source.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('BAD');
});

test('the caret never runs past the line, and an empty line gets one', () => {
  const past = new InputError({ message: 'm', position: { ...position, text: 'ab', column: 2, length: 99 } });
  expect(renderDiagnostics(past).split('\n')[2]).toBe('     |  ^');
  const empty = new InputError({ message: 'm', position: { ...position, text: '', column: 1, length: 1 } });
  expect(renderDiagnostics(empty).split('\n')[2]).toBe('     | ^');
});

test('control characters of a file never reach the terminal, tabs keep the caret in place', () => {
  const text = '\tkey: \u001b[2J\u202evalue';
  const error = new InputError({
    message: 'bad \u001b[31m',
    position: { ...position, text, column: 2, length: 3 },
  });
  const output = renderDiagnostics(error);
  for (const character of '\u001b\t\u202e') expect(output).not.toContain(character);
  const [, source, caret] = output.split('\n');
  expect(source.indexOf('key')).toBe(caret.indexOf('^'));
});
