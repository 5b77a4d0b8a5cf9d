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
    // Found late, in the workers, they would make the dev server load the page twice.
    optimizeDeps: { include: ['@bufbuild/protobuf/wire', '@huggingface/jinja', 'comlink', 'yaml', 'zod'] },
    worker: { format: 'es' },
    build: { outDir: '../dist-web', emptyOutDir: true },
  };
});
