/** The page: a static folder that works under any path. `--mode isolated` serves it with shared memory. */
import { defineConfig } from 'vite';

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig(({ mode }) => {
  const headers = mode === 'isolated' ? ISOLATION : {};
  return {
    root: import.meta.dirname,
    base: './',
    server: { headers },
    preview: { headers },
    worker: { format: 'es' },
    build: { outDir: '../dist-web', emptyOutDir: true },
  };
});
