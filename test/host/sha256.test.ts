/** Our digest against Node's. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../src/host/sha256.ts';

test('the digest is SHA-256 of the UTF-8 text', () => {
  const own = (text: string): void => {
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  };
  // Lengths around the ends of blocks and of their padding.
  for (let length = 0; length < 140; length++) own('a'.repeat(length));
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), own));
});
