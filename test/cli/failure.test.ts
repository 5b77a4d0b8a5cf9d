import { afterEach, describe, expect, test, vi } from 'vitest';
import { reportFailure } from '../../src/cli/failure.ts';
import { LimitError } from '../../src/search/errors.ts';
import { InfeasibleError, InputError } from '../../src/spec/errors.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function reported(error: unknown): { code: number; text: string } {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return { code: reportFailure(error), text };
}

describe('reportFailure', () => {
  test('bad input is 2, no legal mapping 3, a limit 4', () => {
    expect(reported(new InputError({ message: 'wrong' })).code).toBe(2);
    expect(reported(new InfeasibleError({ message: 'none' })).code).toBe(3);
    expect(reported(new LimitError('stopped'))).toEqual({ code: 4, text: 'dse: stopped\n' });
  });

  test('anything else is our own fault: 1, how to report it, and no stack', () => {
    const { code, text } = reported(new TypeError('x is undefined'));
    expect(code).toBe(1);
    expect(text).toMatch(/^dse: internal fault: x is undefined\nThis is a defect in dse/);
    expect(text).toContain("'dse version'");
    expect(text).not.toMatch(/^\s+at /m);
    expect(reported('a thrown string').text).toContain('internal fault: a thrown string');
  });

  test('DSE_DEBUG=1 adds the stack', () => {
    vi.stubEnv('DSE_DEBUG', '1');
    expect(reported(new TypeError('x is undefined')).text).toMatch(/^\s+at .*failure\.test\.ts/m);
  });
});
