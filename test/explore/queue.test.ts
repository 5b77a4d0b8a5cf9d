/** A sweep over a real Redis server: workers and the server are killed, and the front is that of one machine. */
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dse, finished, start } from '../cli/run.ts';
import { SWEEP, folder as machines, sweepText } from './support.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('SKIPPED: redis-server is not installed, the queue is not tested');

const folder = mkdtempSync(join(tmpdir(), 'dse-queue-'));
const sweepFile = join(machines, 'queued.yaml');
/** Designs that differ in structure, large enough that a kill finds some at work. */
const parameters = { ...SWEEP.parameters, units: [1, 2, 3, 4, 5, 6], words: { from: 16, to: 96, step: 16 } };

let port = 0;
let server: ChildProcess;
const workers: ChildProcess[] = [];
const url = (): string => `redis://127.0.0.1:${port}`;

beforeAll(async () => {
  writeFileSync(sweepFile, sweepText({ parameters, network: 'gemm:M=48,N=60,K=36' }));
  if (!hasRedis) return;
  port = await freePort();
  server = await startServer();
});

afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL');
});

afterAll(() => {
  server?.kill('SIGKILL');
});

describe.skipIf(!hasRedis)('a queue', () => {
  test('gives the front of one machine; a killed worker and a killed server lose nothing and repeat nothing', async () => {
    const local = await dse(['sweep', sweepFile, '--no-log', '--threads', '1', '--json']);
    expect(local.code).toBe(0);
    const log = join(folder, 'queued.log');
    const queued = finished(start(['sweep', sweepFile, '--log', log, '--queue', url(), '--json']));
    const first = work();
    await until(() => lines(log) > 5);
    first.kill('SIGKILL');
    work();
    await until(() => lines(log) > 12);
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
    server = await startServer();
    const { code, stdout, stderr } = await queued;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(local.stdout);
    const ids = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line).id as number);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(JSON.parse(stdout).designs);
  }, 180_000);

  test('a design that cannot be is told where the sweep runs, with exit code 2', async () => {
    const bad = join(machines, 'bad.yaml');
    writeFileSync(bad, sweepText({ parameters: { units: [1, 1.5] }, set: { 'PE.x': 'units' } }));
    work();
    const { code, stderr } = await dse(['sweep', bad, '--no-log', '--queue', url()]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('in design units=1.5')]);
  }, 60_000);
});

test('no server at the address is bad input', async () => {
  const { code, stderr } = await dse(['worker', '--queue', `redis://127.0.0.1:${await freePort()}`]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('no Redis or Valkey server answers')]);
  const odd = await dse(['sweep', sweepFile, '--no-log', '--queue', 'localhost']);
  expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('redis://host:port')]);
});

function work(): ChildProcess {
  const worker = start(['worker', '--queue', url(), '--threads', '1']);
  workers.push(worker);
  return worker;
}

function lines(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

/** Every write is on disk before it is acknowledged. */
async function startServer(): Promise<ChildProcess> {
  const options = ['--port', String(port), '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
  const process = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((resolve) => {
    process.stdout?.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
  return process;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}
