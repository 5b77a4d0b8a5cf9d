/** Buttons that copy: the page's link, or a text. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { currentLink } from '../permalink.ts';

interface CopyProps {
  readonly text: () => string | Promise<string>;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Says for a moment that it is done. */
const SHOWN_MS = 2000;

export function Copy({ text, children, class: look }: CopyProps) {
  const said = useSignal('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(await text());
      said.value = 'Copied';
    } catch {
      said.value = 'This browser does not let the page copy';
    }
    setTimeout(() => (said.value = ''), SHOWN_MS);
  };
  return (
    <>
      <button type="button" class={look} onClick={() => void copy()}>
        {children}
      </button>
      <span class="note" role="status">
        {said.value}
      </span>
    </>
  );
}

export function CopyLink() {
  return (
    <Copy class="action" text={currentLink}>
      Copy link
    </Copy>
  );
}
