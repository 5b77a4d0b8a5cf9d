/** The published schemas of sweep files and sweep results. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sweep } from '../../src/api/sweep.ts';
import { sweepSchema } from '../../src/explore/read-sweep.ts';
import { withoutTyped } from '../../src/report/json.ts';
import { schemaErrors } from '../report/schemas.ts';
import { SWEEP, folder } from './support.ts';

test('the schema of sweep files is the one they are read by', async () => {
  const schema = { title: 'dse.sweep/1', ...z.toJSONSchema(sweepSchema, { io: 'input' }) };
  const text = `${JSON.stringify(schema, undefined, 2)}\n`;
  await expect(JSON.parse(text)).toEqual(JSON.parse(await published('dse.sweep-1')));
});

test('results keep their schema', async () => {
  const found = await sweep({ sweep: { ...SWEEP, arch: `${folder}/grid.yaml` }, threads: 1 });
  expect(found.front.length).toBeGreaterThan(1);
  expect(schemaErrors('dse.sweep-result-1', JSON.parse(JSON.stringify(withoutTyped(found))))).toEqual([]);
});

async function published(name: string): Promise<string> {
  const { readFileSync } = await import('node:fs');
  return readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8');
}
