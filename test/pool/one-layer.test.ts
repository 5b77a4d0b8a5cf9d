/** One layer on several threads, on the compiled package: workers cannot run the TypeScript sources. */
import { once } from 'node:events';
import { MessagePort } from 'node:worker_threads';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { loadArchitecture } from '../../src/arch/load.ts';
import type * as InlineRoom from '../../src/pool/inline-pool.ts';
import type * as PoolRoom from '../../src/pool/pool.ts';
import type * as WorkersRoom from '../../src/pool/workers.ts';
import type { Objective } from '../../src/search/objective.ts';
import type * as SearchRoom from '../../src/search/search.ts';
import { loadWorkload } from '../../src/workload/select.ts';

type SearchResult = SearchRoom.SearchResult;

const OBJECTIVES: readonly Objective[] = ['energy', ['energy', 'latency']];

const subject = {
  architecture: loadArchitecture('eyeriss'),
  layer: loadWorkload('vgg16.conv1_2').layers[0].einsum,
};

let search: typeof SearchRoom.search;
let openPool: typeof PoolRoom.openPool;
let InlinePool: typeof InlineRoom.InlinePool;
let Workers: typeof WorkersRoom.Workers;
/** On one thread. */
const alone = new Map<Objective, SearchResult>();

beforeAll(async () => {
  ({ search } = (await import(compiled('search/search.js'))) as typeof SearchRoom);
  ({ openPool } = (await import(compiled('pool/pool.js'))) as typeof PoolRoom);
  ({ InlinePool } = (await import(compiled('pool/inline-pool.js'))) as typeof InlineRoom);
  ({ Workers } = (await import(compiled('pool/workers.js'))) as typeof WorkersRoom);
  for (const objective of OBJECTIVES) {
    alone.set(objective, await search({ ...subject, objective, threads: 1 }));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function compiled(file: string): string {
  return new URL(`../../dist/${file}`, import.meta.url).href;
}

/** What must not depend on the number of threads. */
function outcome({ best, front, certificate, evaluations }: SearchResult): object {
  return { best, front, certificate, evaluations };
}

/** Once all have done something. */
async function started(workers: WorkersRoom.Workers): Promise<void> {
  const ports: MessagePort[] = [];
  const take = (port: MessagePort): void => void ports.push(port);
  workers.invite(take);
  expect(ports).toHaveLength(workers.threads);
  workers.dismiss(take);
  for (const port of ports) {
    port.postMessage({ kind: 'end' });
    await once(port, 'close');
  }
}

/** Runs some work, and gives the messages of a kind that this thread sends meanwhile. */
async function sent(
  kind: string,
  work: () => Promise<SearchResult>,
): Promise<{ result: SearchResult; messages: object[] }> {
  const post = vi.spyOn(MessagePort.prototype, 'postMessage');
  const result = await work();
  const all = post.mock.calls.map(([message]) => message as object);
  return { result, messages: all.filter((message) => 'kind' in message && message.kind === kind) };
}

test.each([
  [2, 'with shared memory', OBJECTIVES[0], true],
  [4, 'with shared memory', OBJECTIVES[1], true],
  [2, 'without shared memory', OBJECTIVES[1], false],
])('%i threads split it, %s, and end with the bits of one: %s', async (threads, _, objective, shared) => {
  const workers = new Workers(threads - 1);
  await started(workers);
  if (!shared) vi.stubGlobal('SharedArrayBuffer', undefined);
  const pool = new InlinePool(workers);
  const { result, messages } = await sent('order', () => search({ ...subject, objective, pool }));
  await pool.close();
  expect(result.threads).toBe(threads);
  expect(outcome(result)).toEqual(outcome(alone.get(objective)!));
  // The next order comes when the one before has ended, or need not.
  expect(messages.length).toBeGreaterThan(threads);
});

test('workers without a layer help, and stop when it stops, with a true bound', async () => {
  const [objective] = OBJECTIVES;
  const one = alone.get(objective)!;
  const pool = await openPool(3);
  try {
    const { result, messages } = await sent('helper', () => search({ ...subject, objective, pool }));
    expect(outcome(result)).toEqual(outcome(one));
    expect(messages.length).toBeGreaterThan(0);
    const controller = new AbortController();
    const { certificate, interrupted } = await search({
      ...subject,
      objective,
      pool,
      signal: controller.signal,
      onProgress: ({ bound }) => bound && controller.abort(),
    });
    expect(interrupted).toBe(true);
    expect(certificate.lowerBound).toBeLessThanOrEqual(one.certificate.lowerBound!);
    expect(outcome(await search({ ...subject, objective, pool }))).toEqual(outcome(one));
  } finally {
    await pool.close();
  }
});
