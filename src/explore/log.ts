/**
 * The log of a sweep: a JSON line that says what is swept, then one for each design as soon as it is done. A run goes on
 * where its log ends, and logs of several machines together are the log of one.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { reasonOf } from '../host/node.ts';
import { InputError } from '../spec/errors.ts';
import type { Source } from '../spec/source.ts';
import { positionAt } from '../spec/source.ts';
import { packageVersion } from '../version.ts';
import { sweepDigest } from './read-sweep.ts';
import type { DesignRecord, SweepSources } from './sweep.ts';

const SCHEMA = 'dse.sweep-log/1';

interface LogHeader {
  readonly schema: typeof SCHEMA;
  readonly version: string;
  readonly digest: string;
  readonly sources: SweepSources;
}

export interface LogContent {
  readonly sources: SweepSources;
  /** In the order they were done; of a design that two logs hold, the first. */
  readonly records: readonly DesignRecord[];
  /** Bytes of whole lines: what a killed run wrote of a last one is not among them. */
  readonly bytes: number;
}

/**
 * What a log holds; undefined if there is no such file, or nothing in it.
 *
 * @throws InputError if it is no log, is damaged, or another version wrote it
 */
export function readLog(file: string): LogContent | undefined {
  if (!statSync(file, { throwIfNoEntry: false })?.size) return undefined;
  const text = guarded('read', file, () => readFileSync(file, 'utf8'));
  const end = text.lastIndexOf('\n') + 1;
  const [first, ...lines] = text.slice(0, end).split('\n').slice(0, -1);
  const source = { file, text };
  if (first === undefined) throw notALog(source, 'its first line has no end');
  const { sources } = readHeader(source, first);
  let offset = first.length + 1;
  const records = lines.map((line) => {
    const record = readRecord(source, line, offset);
    offset += line.length + 1;
    return record;
  });
  return { sources, records, bytes: Buffer.byteLength(text.slice(0, end)) };
}

function readHeader(source: Source, line: string): LogHeader {
  const header = parsed(line) as Partial<LogHeader> | undefined;
  if (header?.schema !== SCHEMA || !header.sources) throw notALog(source, `it does not say "${SCHEMA}"`);
  const version = packageVersion();
  if (header.version !== version) {
    throw new InputError({
      message: `version ${header.version} of dse wrote '${source.file}', this is ${version}`,
      expected: 'a log of the same version: results may differ between versions',
      suggestion: 'finish it with that version, or start a new log',
    });
  }
  return header as LogHeader;
}

function notALog(source: Source, reason: string): InputError {
  return new InputError({
    message: `'${source.file}' is not the log of a sweep: ${reason}`,
    position: positionAt(source, 0, 1),
    expected: 'a file that dse sweep --log wrote',
  });
}

const STATUS = ['mapped', 'excluded', 'pruned', 'infeasible'];

function readRecord(source: Source, line: string, offset: number): DesignRecord {
  const record = parsed(line) as DesignRecord | undefined;
  if (Number.isInteger(record?.id) && Array.isArray(record?.digits) && STATUS.includes(record.status))
    return record;
  throw new InputError({
    message: 'this line of the log is damaged',
    position: positionAt(source, offset, Math.max(1, line.length)),
    suggestion: 'delete the line: its design is then done again',
  });
}

function parsed(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Throws `InputError` if the log is not one of the sweep. */
export function expectSameSweep(file: string, { sources }: LogContent, wanted: SweepSources): void {
  if (sweepDigest(sources) === sweepDigest(wanted)) return;
  throw new InputError({
    message: `'${file}' is the log of another sweep`,
    expected: 'the same sweep file, architecture, networks, strategy and seed',
    suggestion: 'name another log, or delete this one',
  });
}

/** Writes a log. A record is with the operating system before the next design is begun. */
export class SweepLog {
  readonly #file: string;
  readonly #descriptor: number;

  /**
   * @param content what the file holds already
   * @throws InputError if the file cannot be written: here, and whenever the disk is full
   */
  constructor(file: string, sources: SweepSources, content: LogContent | undefined) {
    this.#file = file;
    this.#descriptor = guarded('write', file, () => openSync(file, content ? 'r+' : 'w'));
    if (content) {
      guarded('write', file, () => ftruncateSync(this.#descriptor, content.bytes));
      this.#at = content.bytes;
    } else {
      const header: LogHeader = {
        schema: SCHEMA,
        version: packageVersion(),
        digest: sweepDigest(sources),
        sources,
      };
      this.#write(header);
    }
  }

  #at = 0;

  add(record: DesignRecord): void {
    this.#write(record);
  }

  close(): void {
    guarded('write', this.#file, () => {
      fsyncSync(this.#descriptor);
      closeSync(this.#descriptor);
    });
  }

  #write(value: object): void {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    guarded('write', this.#file, () => {
      for (let done = 0; done < line.length;) {
        const count = writeSync(this.#descriptor, line, done, line.length - done, this.#at);
        done += count;
        this.#at += count;
      }
    });
  }
}

/** Runs a file operation; what the system refuses is the user's to mend. */
function guarded<T>(what: 'read' | 'write', file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = what === 'write' && code === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
    const saved =
      what === 'write'
        ? { suggestion: 'designs already in the log are kept: mend this and use --resume' }
        : {};
    throw new InputError({ message: `cannot ${what} '${file}': ${reason}`, ...saved });
  }
}
