import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

/** package.json names the compiled files; tests run on the sources. */
export const alias = {
  '#host': source('host/node.ts'),
  '#shard-workers': source('pool/node-workers.ts'),
  '#design-workers': source('explore/node-workers.ts'),
};

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    // Compiled files run as they are: the names above mean theirs.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
