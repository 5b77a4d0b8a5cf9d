/** Files that flags name: checked before the work begins, written at its end. */
import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../host/node.ts';
import { InputError } from '../spec/errors.ts';

/** Throws `InputError` if some file's folder does not exist. Keys are flags without their dashes. */
export function checkFolders(files: Readonly<Record<string, string | undefined>>): void {
  for (const [flag, file] of Object.entries(files)) {
    if (file === undefined || statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory()) continue;
    throw new InputError({
      message: `--${flag}: '${dirname(file)}' is not a folder`,
      expected: 'an existing folder',
    });
  }
}

/** @throws InputError if the file cannot be written */
export function writeOutput(flag: string, file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new InputError({ message: `${flag}: cannot write '${file}': ${reasonOf(error)}` });
  }
}
