import { format } from 'prettier';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { architectureSchema } from '../../src/arch/schema.ts';

test('the published JSON Schema is the form the reader checks (vitest -u writes it)', async () => {
  const schema = {
    title: 'dse.arch/1',
    ...z.toJSONSchema(architectureSchema(), { io: 'input' }),
  };
  const text = await format(JSON.stringify(schema), { parser: 'json', printWidth: 110 });
  await expect(text).toMatchFileSnapshot('../../schemas/dse.arch-1.schema.json');
});
