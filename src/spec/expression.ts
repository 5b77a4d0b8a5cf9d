/** Arithmetic in architecture files: `200 * mac`, `ceil(168 / 14)`. A small parser; nothing is ever executed. */
import { InputError } from './errors.ts';
import { didYouMean } from './suggest.ts';

export type Variables = Readonly<Record<string, number>>;

/**
 * Value of an expression. Operators by rising precedence: `a if c else b`, `or`, `and`, `not`,
 * `< <= > >= == !=` (1 or 0), `+ -`, `* / // %`, unary `-`, `**` (right to left); functions `min max ceil floor round
 * log log2 log10 exp sqrt pow abs int float`; `True` and `False`.
 * Throws `InputError` without a position on bad syntax, an unknown name or a result that is not finite.
 */
export function evaluate(text: string, variables: Variables = {}): number {
  const { value, end } = evaluatePrefix(text, variables);
  const rest = text.slice(end).trim();
  if (rest !== '') throw problem(`expected an operator before '${clip(rest)}'`);
  return value;
}

/** The expression a text begins with and the offset where it ends: `200 * mac pJ` ends before `pJ`. */
export function evaluatePrefix(text: string, variables: Variables = {}): { value: number; end: number } {
  const parser = new Parser(text, variables);
  const value = parser.conditional();
  if (!Number.isFinite(value)) throw problem(`'${clip(text.slice(0, parser.end))}' is not a finite number`);
  return { value, end: parser.end };
}

interface Operator {
  readonly precedence: number;
  readonly apply: (a: number, b: number) => number;
}

/** 1 or 0; of what has no value, such as a quotient by zero, nothing is known (NaN). */
function comparison(holds: (a: number, b: number) => boolean): Operator['apply'] {
  return (a, b) => (Number.isFinite(a) && Number.isFinite(b) ? Number(holds(a, b)) : NaN);
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['or', { precedence: -2, apply: (a, b) => (Number.isNaN(a) ? a : a || b) }],
  ['and', { precedence: -1, apply: (a, b) => a && b }],
  ['<', { precedence: 1, apply: comparison((a, b) => a < b) }],
  ['<=', { precedence: 1, apply: comparison((a, b) => a <= b) }],
  ['>', { precedence: 1, apply: comparison((a, b) => a > b) }],
  ['>=', { precedence: 1, apply: comparison((a, b) => a >= b) }],
  ['==', { precedence: 1, apply: comparison((a, b) => a === b) }],
  ['!=', { precedence: 1, apply: comparison((a, b) => a !== b) }],
  ['+', { precedence: 2, apply: (a, b) => a + b }],
  ['-', { precedence: 2, apply: (a, b) => a - b }],
  ['*', { precedence: 3, apply: (a, b) => a * b }],
  ['/', { precedence: 3, apply: (a, b) => a / b }],
  ['//', { precedence: 3, apply: (a, b) => Math.floor(a / b) }],
  ['%', { precedence: 3, apply: (a, b) => a % b }],
  ['**', { precedence: 5, apply: (a, b) => a ** b }],
]);
/** Binds tighter than `*` and looser than `**`: `-2 ** 2` is −4. */
const UNARY_PRECEDENCE = 4;
/** Binds looser than every operator: what `if` may follow. */
const CONDITIONAL_PRECEDENCE = -3;
const NOT_PRECEDENCE = 0;
const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['True', 1],
  ['False', 0],
]);

/** Functions and how many arguments they take; `Infinity` is one or more. */
const FUNCTIONS: ReadonlyMap<string, readonly [number, (...args: number[]) => number]> = new Map([
  ['min', [Infinity, Math.min]],
  ['max', [Infinity, Math.max]],
  ['ceil', [1, Math.ceil]],
  ['floor', [1, Math.floor]],
  ['round', [1, Math.round]],
  ['log', [1, Math.log]],
  ['log2', [1, Math.log2]],
  ['log10', [1, Math.log10]],
  ['exp', [1, Math.exp]],
  ['int', [1, Math.trunc]],
  ['float', [1, Number]],
  ['sqrt', [1, Math.sqrt]],
  ['abs', [1, Math.abs]],
  ['pow', [2, Math.pow]],
]);

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>\*\*|\/\/|[<>=!]=|[-+*/%<>(),]))/y;
const MAX_DEPTH = 100;

type Token = { readonly kind: 'number' | 'name' | 'sign'; readonly text: string; readonly end: number };

/** Precedence climbing; evaluates as it reads. */
class Parser {
  /** Offset behind the last token consumed. */
  end = 0;
  readonly #text: string;
  readonly #variables: Variables;
  #depth = 0;

  constructor(text: string, variables: Variables) {
    this.#text = text;
    this.#variables = variables;
  }

  /** Both branches are evaluated, so both must have a value. */
  conditional(): number {
    if (++this.#depth > MAX_DEPTH) throw problem('the expression is nested too deeply');
    const result = this.#choice();
    this.#depth--;
    return result;
  }

  #choice(): number {
    const value = this.expression(CONDITIONAL_PRECEDENCE);
    if (!this.#skip('if')) return value;
    const condition = this.expression(CONDITIONAL_PRECEDENCE);
    this.#expect('else');
    const otherwise = this.conditional();
    if (Number.isNaN(condition)) return condition;
    return condition ? value : otherwise;
  }

  expression(minimum: number): number {
    if (++this.#depth > MAX_DEPTH) throw problem('the expression is nested too deeply');
    let left = this.#operand();
    for (;;) {
      const token = this.#peek();
      const operator = token?.kind !== 'number' ? OPERATORS.get(token?.text ?? '') : undefined;
      if (!token || !operator || operator.precedence < minimum) break;
      this.end = token.end;
      // `**` groups from the right, all others from the left.
      const right = this.expression(token.text === '**' ? operator.precedence : operator.precedence + 1);
      left = operator.apply(left, right);
    }
    this.#depth--;
    return left;
  }

  #operand(): number {
    const token = this.#peek();
    if (!token) throw problem(`expected a number ${this.#where()}`);
    this.end = token.end;
    if (token.kind === 'number') return Number(token.text);
    if (token.text === 'not') {
      const value = this.expression(NOT_PRECEDENCE);
      return Number.isNaN(value) ? value : Number(!value);
    }
    if (token.kind === 'name') return this.#skip('(') ? this.#call(token.text) : this.#variable(token.text);
    if (token.text === '-') return -this.expression(UNARY_PRECEDENCE);
    if (token.text !== '(')
      throw problem(`expected a number, found '${token.text}' in '${clip(this.#text)}'`);
    const value = this.conditional();
    this.#expect(')');
    return value;
  }

  #call(name: string): number {
    const entry = FUNCTIONS.get(name);
    if (!entry) throw problem(`unknown function '${name}'`, didYouMean(name, FUNCTIONS.keys()));
    const args = [this.conditional()];
    while (this.#skip(',')) args.push(this.conditional());
    this.#expect(')');
    const [arity, apply] = entry;
    if (arity !== Infinity && args.length !== arity) {
      throw problem(`'${name}' takes ${arity} argument${arity === 1 ? '' : 's'}, found ${args.length}`);
    }
    return apply(...args);
  }

  #variable(name: string): number {
    if (Object.hasOwn(this.#variables, name)) return this.#variables[name];
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return constant;
    throw problem(`unknown variable '${clip(name)}'`, didYouMean(name, Object.keys(this.#variables)));
  }

  #peek(): Token | undefined {
    TOKEN.lastIndex = this.end;
    const groups = TOKEN.exec(this.#text)?.groups;
    if (!groups) return undefined;
    const kind = groups.number ? 'number' : groups.name ? 'name' : 'sign';
    return { kind, text: groups[kind], end: TOKEN.lastIndex };
  }

  #skip(sign: string): boolean {
    const token = this.#peek();
    if (token?.text !== sign) return false;
    this.end = token.end;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#skip(sign)) throw problem(`expected '${sign}' ${this.#where()}`);
  }

  #where(): string {
    const rest = this.#text.slice(this.end).trim();
    return rest === '' ? `at the end of '${clip(this.#text)}'` : `before '${clip(rest)}'`;
  }
}

function problem(message: string, suggestion?: string): InputError {
  return new InputError({ message, suggestion });
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text.trim();
}
