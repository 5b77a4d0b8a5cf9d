/** The README keeps its promises: its lines, its links and the output it shows. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadArchitecture, parseArchitecture } from '../../src/arch/load.ts';
import { readConstraints } from '../../src/mapspace/read-constraints.ts';
import { parseYaml } from '../../src/spec/document.ts';
import { loadWorkload } from '../../src/workload/select.ts';
import { shell } from '../cli/run.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

/** Fenced blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text,
  );
}

describe('README.md', () => {
  test('opens with one line that runs the main job and one that tests, the line of .ci/run', () => {
    const [main, tests] = blocks('sh')[0].trim().split('\n');
    expect(main).toBe('npm ci && npx dse search --arch eyeriss --layer resnet50.conv3');
    const gate = readFileSync(`${root}.ci/run`, 'utf8');
    expect(/^TEST_LINE='(.*)'$/m.exec(gate)?.[1]).toBe(tests);
  });

  test('links to files that exist and to headings it has', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const link of links.filter((target) => !target.startsWith('https:'))) {
      if (link.startsWith('#')) expect(headings).toContain(link.slice(1));
      else expect(existsSync(root + link), link).toBe(true);
    }
    expect(links.length).toBeGreaterThan(5);
  });

  test('shows the output that dse eval prints', async () => {
    const [, command] = blocks('sh');
    const { code, stdout } = await shell(`cd '${root}' && ${command.replace(/^npx /, '')}`);
    expect(code).toBe(0);
    expect(blocks('text')).toContain(stdout);
  });

  test('shows examples that the tests run', () => {
    expect(blocks('js')).toContain(readFileSync(`${root}examples/evaluate-mapping.mjs`, 'utf8'));
    expect(blocks('html')).toContain(readFileSync(`${root}examples/browser.html`, 'utf8'));
  });

  test('lists constraints that can be read', () => {
    const text = blocks('yaml').find((block) => block.startsWith('- target:'))!;
    const { einsum } = loadWorkload('resnet50.conv3_1.b').layers[0];
    const source = { path: [], ofArchitecture: false };
    const rules = readConstraints(parseYaml(text, 'README.md'), loadArchitecture('eyeriss'), einsum, source);
    expect(rules.length).toBeGreaterThan(6);
  });

  test('describes an architecture that loads', () => {
    const text = blocks('yaml').find((block) => block.startsWith('schema: dse.arch/1'))!;
    const architecture = parseArchitecture(parseYaml(text, 'README.md'));
    expect(architecture.nodes).toHaveLength(4);
  });
});
