/** Runs the built `dse` as a user would: a process, its two streams and its exit code. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

if (!existsSync(MAIN))
  throw new Error('dist/cli/main.js is missing: these tests run the built tool, so `npm run build` first');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `dse`; neither stream is a terminal. */
export function start(args: readonly string[], { cwd, env = {} }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...cleanEnvironment(), ...env } });
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'DSE_DEBUG', 'NODE_OPTIONS']) delete env[name];
  return env;
}

/** Runs a POSIX shell script in which `dse` is the built tool; the exit code is the last command's. */
export function shell(script: string): Promise<Outcome> {
  const define = `dse() { '${process.execPath}' '${MAIN}' "$@"; }`;
  return finished(spawn('sh', ['-c', `${define}\n${script}`], { env: cleanEnvironment() }));
}

export function dse(args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return finished(start(args, options));
}

/** Collects what a process prints until it ends. */
export function finished(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
