/** Links of the page: what they hold comes back; what is no link is told from one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Linked } from '../../web/src/link.ts';
import { fromFragment, toFragment } from '../../web/src/link.ts';

const positive = fc.double({ min: 1e-3, max: 1e12, noNaN: true });
const architecture = fc.record(
  {
    name: fc.string(),
    text: fc.string({ unit: 'binary' }),
    settings: fc.dictionary(fc.stringMatching(/^[a-z.]+$/), positive),
  },
  { requiredKeys: ['name'] },
);
const axis = fc.record({
  knob: fc.string(),
  from: positive,
  to: positive,
  count: fc.integer({ min: 1, max: 50 }),
});
const metric = fc.constantFrom('energy', 'latency', 'edp', 'ed2p', 'area');
const question: fc.Arbitrary<Linked> = fc.record(
  {
    version: fc.constant(1 as const),
    a: architecture,
    b: architecture,
    layer: fc.string(),
    objective: fc.string(),
    uneven: fc.boolean(),
    sweep: fc.record({ axes: fc.array(axis, { maxLength: 2 }), objectives: fc.array(metric) }),
    shown: fc.string(),
    tab: fc.string(),
  },
  { requiredKeys: ['version', 'a', 'layer'] },
);

test('a question comes back from its link, which an address can hold', async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      const fragment = await toFragment(asked);
      expect(fragment).toMatch(/^[\w-]*$/);
      expect(await fromFragment(fragment)).toEqual(JSON.parse(JSON.stringify(asked)));
    }),
  );
});

test('a text that is no link is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.base64String(), fc.webFragments()), async (text) => {
      expect(await fromFragment(text)).toBeUndefined();
    }),
  );
});

test('a link that was cut is refused', async () => {
  const fragment = await toFragment({ version: 1, a: { name: 'eyeriss' }, layer: 'resnet50.conv3' });
  for (let length = 0; length < fragment.length - 2; length++)
    expect(await fromFragment(fragment.slice(0, length))).toBeUndefined();
});

test.each([
  ['another version', { version: 2 }],
  ['no architecture', { a: undefined }],
  ['a layer that is no text', { layer: 7 }],
  ['a setting that is no number', { a: { name: 'eyeriss', settings: { 'GLB.size': '7' } } }],
  ['a setting that is not positive', { a: { name: 'eyeriss', settings: { 'GLB.size': -1 } } }],
  [
    'more values than a page can draw',
    { sweep: { axes: [{ knob: 'GLB.size', from: 1, to: 2, count: 1e9 }], objectives: [] } },
  ],
  ['an unknown metric', { sweep: { axes: [], objectives: ['beauty'] } }],
])('a link with %s is refused', async (_, changed) => {
  const good = { version: 1, a: { name: 'eyeriss' }, layer: 'resnet50.conv3' };
  expect(await fromFragment(await toFragment({ ...good, ...changed } as Linked))).toBeUndefined();
});
