import { defineConfig } from 'vitest/config';
import { onSources } from './vitest.config.ts';

export default defineConfig({
  test: { ...onSources, include: ['test/long/*.long.ts'], testTimeout: 3_600_000 },
});
