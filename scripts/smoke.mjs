/** Packs the built package, installs the tarball into an empty folder and runs the main job there. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
const folder = mkdtempSync(join(tmpdir(), 'dse-smoke-'));

try {
  const tarball = pack();
  writeFileSync(join(folder, 'package.json'), '{ "name": "smoke", "private": true, "type": "module" }\n');
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', '--prefer-offline', tarball]);
  checkSearch();
  checkImport();
  console.log('smoke: the packed tarball works in an empty folder');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** `--ignore-scripts`: the step before this one has built `dist/`. */
function pack() {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(run('npm', args, root));
  return join(folder, filename);
}

function checkSearch() {
  const args = [
    'dse',
    'search',
    '--arch',
    'eyeriss',
    '--layer',
    'resnet50.conv3_1.b',
    '--evaluations',
    '2000',
  ];
  const report = JSON.parse(run('npx', ['--no-install', ...args, '--json']));
  expect(report.schema === 'dse.search/1', `schema is ${report.schema}`);
  expect(report.version === version, `version is ${report.version}, not ${version}`);
  expect(report.layers[0]?.best.energyPj > 0, 'the search found nothing');
}

function checkImport() {
  const program = "import { loadArchitecture } from 'dse'; console.log(loadArchitecture('eyeriss').name);";
  const name = run('node', ['--input-type=module', '-e', program]).trim();
  expect(name === 'eyeriss', `the API loaded '${name}'`);
  const browser =
    "import { search, writeFile } from 'dse/browser'; console.log(typeof search, typeof writeFile);";
  const types = run('node', ['--input-type=module', '-e', browser]).trim();
  expect(types === 'function function', `dse/browser exports ${types}`);
}

function run(command, args, cwd = folder) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function expect(condition, message) {
  if (!condition) throw new Error(`smoke: ${message}`);
}
