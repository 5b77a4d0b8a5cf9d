/** The pages of the browser tests as a user of the package would build them: Vite's defaults. */
import { defineConfig } from 'vite';

const page = (path: string): string => `${import.meta.dirname}/${path}`;

export default defineConfig({
  root: page('../..'),
  base: './',
  build: {
    rolldownOptions: {
      input: { harness: page('harness.html'), example: page('../../examples/browser.html') },
    },
  },
});
