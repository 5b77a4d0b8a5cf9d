/** What the browser's door can reach, module by module, in the compiled package. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
const { imports, dependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as {
  readonly imports: Readonly<Record<string, Readonly<Record<'browser' | 'default', string>>>>;
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Static, dynamic and re-exporting imports, and workers. */
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\()['"]([\w@#./:-]+)['"]/g;

/** Modules that an entry reaches in a browser, and what they import by name. */
function reached(entry: string): { modules: Map<string, string>; packages: Set<string> } {
  const modules = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (url: URL): void => {
    const path = url.href.slice(dist.href.length);
    if (modules.has(path)) return;
    const code = readFileSync(url, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, '');
    modules.set(path, code);
    for (const [, specifier] of code.matchAll(SPECIFIER)) {
      const target = specifier.startsWith('#')
        ? `.${imports[specifier].browser.slice('./dist'.length)}`
        : specifier;
      if (specifier.startsWith('#')) visit(new URL(target, dist));
      else if (specifier.startsWith('.')) visit(new URL(target, url));
      else packages.add(specifier);
    }
  };
  visit(new URL(entry, dist));
  return { modules, packages };
}

describe('what dse/browser reaches', () => {
  const { modules, packages } = reached('browser.js');

  test('is the engine with its workers', () => {
    const paths = [...modules.keys()];
    expect(paths).toEqual(
      expect.arrayContaining([
        'pool/browser-shard-worker.js',
        'explore/browser-design-worker.js',
        'host/embedded.js',
      ]),
    );
    expect(paths.length).toBeGreaterThan(100);
  });

  test('has nothing of Node', () => {
    const own = Object.keys(dependencies);
    expect(
      [...packages].filter((name) => !own.some((known) => name === known || name.startsWith(`${known}/`))),
    ).toEqual([]);
    expect(
      [...packages].filter((name) => /^(piscina|bullmq|ioredis|commander|d3|@observablehq)/.test(name)),
    ).toEqual([]);
    const code = [...modules].filter(([path]) => path !== 'host/embedded.js');
    const offenders = code.filter(([, text]) => /\b(?:process\.|Buffer\.|require\(|__dirname)/.test(text));
    expect(offenders.map(([path]) => path)).toEqual([]);
  });

  test('needs no code that a bundler would have to split off', () => {
    const split = [...modules].filter(([, code]) => /\bimport\(/.test(code));
    expect(split.map(([path]) => path)).toEqual([]);
  });

  test('is looked at as it is: Node reaches Node', () => {
    expect([...reached('index.js').packages].some((name) => name.startsWith('node:'))).toBe(true);
  });

  test('carries the WebAssembly that Node reads, byte for byte', () => {
    const code = modules.get('host/embedded.js') ?? '';
    for (const name of ['kernel.scalar', 'kernel.simd', 'exact']) {
      const bytes = readFileSync(fileURLToPath(new URL(`../build/${name}.wasm`, dist)), 'base64');
      expect(code.includes(`"${name}":"${bytes}"`), name).toBe(true);
    }
  });

  test.each(Object.entries(imports))('%s has compiled modules for both', (_, { browser, default: node }) => {
    for (const path of [browser, node]) expect(existsSync(new URL(`../${path}`, dist)), path).toBe(true);
  });
});
