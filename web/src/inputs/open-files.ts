/** Files that are opened or dropped: an architecture of ours, or Timeloop's files, which become one. */
import type { TextFile } from '../engine.ts';
import { fromTimeloop } from '../engine.ts';
import { layer } from '../question.ts';
import type { Side } from '../side.ts';
import { chooseArchitecture, notice } from '../state.ts';
import { faultText } from './faults.tsx';

/** Sections of Timeloop's files; ours name their schema. */
const TIMELOOP =
  /^(architecture|arch|problem|mapping|mapper|\w*constraints|mapspace|ERT|ART|compound_components)\s*:/m;
const OURS = /^(schema|hierarchy)\s*:/m;

const isTimeloop = ({ text }: TextFile): boolean => TIMELOOP.test(text) && !OURS.test(text);

export async function openFiles(side: Side, list: Iterable<File>): Promise<void> {
  const files = await Promise.all(
    Array.from(list, async (file) => ({ file: file.name, text: await file.text() })),
  );
  if (files.length === 0) return;
  notice.value = undefined;
  const own = files.find((file) => !isTimeloop(file));
  if (own && files.length === 1) return chooseArchitecture(side, own.file, own.text);
  if (own) {
    notice.value = {
      kind: 'error',
      text: `${own.file} is not one of Timeloop's files; open an architecture of dse by itself`,
    };
    return;
  }
  await openTimeloop(side, files);
}

async function openTimeloop(side: Side, files: readonly TextFile[]): Promise<void> {
  const names = files.map(({ file }) => file).join(', ');
  try {
    const { text, layer: converted, warnings } = await fromTimeloop(files);
    layer.value = converted;
    chooseArchitecture(side, `from-${files[0].file}`, text);
    const lines = [
      `${names}: converted from Timeloop's form, the layer too.`,
      ...warnings.map((warning) => faultText(warning)),
    ];
    notice.value = { kind: 'note', text: lines.join('\n') };
  } catch (error) {
    notice.value = { kind: 'error', text: error instanceof Error ? error.message : String(error) };
  }
}
