import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

/** Tests run on the sources, while package.json names the compiled files; what they import from `dist/` is left to Node. */
export const onSources = {
  alias: {
    '#host': source('host/node.ts'),
    '#shard-workers': source('pool/node-workers.ts'),
    '#design-workers': source('explore/node-workers.ts'),
  },
  server: { deps: { external: [/\/dist\//] } },
};

export default defineConfig({
  test: {
    ...onSources,
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
