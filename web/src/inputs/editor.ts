/** The code editor, in a chunk of its own: CodeMirror for YAML with errors marked at their place. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import type { Diagnostic as Mark } from '@codemirror/lint';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Diagnostic } from 'dse/browser';
import { faultText } from './faults.tsx';

export interface EditorOptions {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

export interface Editor {
  readonly setText: (text: string) => void;
  readonly setFaults: (faults: readonly Diagnostic[]) => void;
  /** Puts the cursor there. */
  readonly go: (fault: Diagnostic) => void;
  readonly close: () => void;
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--muted)' },
  { tag: [tags.string, tags.number, tags.bool, tags.null], color: 'var(--ink)' },
  { tag: [tags.punctuation, tags.separator], color: 'var(--muted)' },
]);

const LOOK = EditorView.theme({
  '&': { border: '1px solid var(--faint)', borderRadius: '5px', maxHeight: '28rem', fontSize: '0.8rem' },
  '&.cm-focused': { outline: '2px solid var(--chosen)', outlineOffset: '2px' },
  '.cm-scroller': { fontFamily: 'ui-monospace, monospace', lineHeight: '1.45' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { color: 'var(--muted)', backgroundColor: 'var(--panel)', borderRight: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--panel)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent) !important',
  },
  '.cm-tooltip': { color: 'var(--ink)', backgroundColor: 'var(--paper)', borderColor: 'var(--faint)' },
});

/** The Tab key leaves the editor, as in any field. */
export function openEditor(parent: HTMLElement, { label, text, onChange }: EditorOptions): Editor {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        indentOnInput(),
        bracketMatching(),
        yaml(),
        syntaxHighlighting(COLOURS),
        LOOK,
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !isOurs) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  /** The change comes from the page, not from the reader. */
  let isOurs = false;
  return {
    setText(next) {
      if (next === view.state.doc.toString()) return;
      isOurs = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      isOurs = false;
    },
    setFaults: (faults) =>
      view.dispatch(
        setDiagnostics(
          view.state,
          faults.map((fault) => mark(view.state.doc, fault)),
        ),
      ),
    go(fault) {
      const { from } = mark(view.state.doc, fault);
      view.dispatch({
        selection: { anchor: from },
        effects: EditorView.scrollIntoView(from, { y: 'center' }),
      });
      view.focus();
    },
    close: () => view.destroy(),
  };
}

/** Lines and columns count from 1; the text may have changed since. */
function mark(text: Text, fault: Diagnostic): Mark {
  const { line = 1, column = 1, length = 1 } = fault.position ?? {};
  const { from: start, to: end } = text.line(Math.min(line, text.lines));
  const from = Math.min(start + column - 1, end);
  return { from, to: Math.min(from + length, end), severity: 'error', message: faultText(fault) };
}
