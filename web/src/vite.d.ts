/** What Vite resolves and TypeScript does not. */
declare module '*.css';
