import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { mappingFile } from '../../src/mapping/file.ts';

test('the published JSON Schema is the form the reader checks', () => {
  const file = new URL('../../schemas/dse.mapping-1.schema.json', import.meta.url);
  const { title, ...published } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  expect(title).toBe('dse.mapping/1');
  expect(published).toEqual(z.toJSONSchema(mappingFile));
});
