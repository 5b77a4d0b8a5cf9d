/** What the browser tests look at: pages built by Vite, on a server of this process. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs Vite as a user does, and gives the folder it wrote. */
export async function viteBuild(...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dse-site-'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // vitest's own NODE_ENV would be built into the page.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [vite, 'build', ...args, '--outDir', folder, '--emptyOutDir'], {
    cwd: root,
    env,
  });
  return folder;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

export interface Site {
  /** Address of a page under a path of its own; `isolated` pages share memory with their workers. */
  url(path: string, kind?: 'plain' | 'isolated'): string;
  close(): void;
}

/** Serves the folders by name, `/some/where/plain/NAME/…` and the same under `isolated`, and nothing else. */
export async function serve(folders: Readonly<Record<string, string>>): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/favicon.ico') return void response.writeHead(204).end();
    const [, kind, name, path] = /^\/some\/where\/(plain|isolated)\/(\w+)\/(.*)$/.exec(pathname) ?? [];
    const file = join(folders[name ?? ''] ?? '/nowhere', path === '' ? 'index.html' : (path ?? ''));
    const headers = kind === 'isolated' ? ISOLATION : {};
    readFile(file).then(
      (content) =>
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? '', ...headers }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path, kind = 'plain') => `http://127.0.0.1:${port}/some/where/${kind}/${path}`,
    close() {
      server.close();
      for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
    },
  };
}
