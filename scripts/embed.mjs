/** Writes what the package ships for browsers into one module: kernels, architectures, networks, its version. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const kernels = ['kernel.scalar', 'kernel.simd', 'exact'].map((name) => [
  name,
  readFileSync(new URL(`build/${name}.wasm`, root), 'base64'),
]);
const texts = ['archs', 'workloads'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, root))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => [`${folder}/${file}`, readFileSync(new URL(`${folder}/${file}`, root), 'utf8')]),
);
const values = { about: { version }, kernels: Object.fromEntries(kernels), texts: Object.fromEntries(texts) };
const lines = Object.entries(values).map(
  ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
);
writeFileSync(new URL('dist/host/embedded.js', root), lines.join(''));
