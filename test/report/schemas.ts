/** Checks values against the shipped JSON Schemas. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

export type SchemaName = 'dse.bound-1' | 'dse.eval-1' | 'dse.search-1' | 'dse.sweep-result-1' | 'dse.verify-1';

/** Every way in which the value breaks the schema; empty if it keeps it. */
export function schemaErrors(name: SchemaName, value: unknown): string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}
