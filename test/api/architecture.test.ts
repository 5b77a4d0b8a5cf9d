/** Architectures given as text, in either form. */
import { expect, test } from 'vitest';
import { parseArchitecture } from '../../src/api/architecture.ts';
import { listArchitectures, loadArchitecture } from '../../src/arch/load.ts';
import { memories } from '../../src/arch/architecture.ts';
import { architectureToYaml } from '../../src/arch/write.ts';
import { InputError } from '../../src/spec/errors.ts';
import { timeloopToYaml } from '../../src/timeloop/write.ts';

test.each(listArchitectures())("%s is read from text, ours and Timeloop's", (name) => {
  const arch = loadArchitecture(name);
  const sizes = (text: string): unknown =>
    memories(parseArchitecture(text)).map(({ name, words }) => [name, words]);
  const wanted = memories(arch).map((memory) => [memory.name, memory.words]);
  expect(sizes(architectureToYaml(arch))).toEqual(wanted);
  expect(sizes(timeloopToYaml(arch))).toEqual(wanted);
});

test.each([
  ['schema: dse.arch/1\nhierarchie: []\n', 'hierarchie', 2],
  ['architecture:\n  version: 0.4\n  subtree: 7\n', 'list', 3],
])('a mistake is named with its line: %j', (text, word, line) => {
  const read = (): unknown => parseArchitecture(text, 'mine.yaml');
  expect(read).toThrow(InputError);
  try {
    read();
  } catch (error) {
    const found = (error as InputError).diagnostics.find(({ message }) => message.includes(word));
    expect(found?.position).toMatchObject({ file: 'mine.yaml', line });
  }
});
