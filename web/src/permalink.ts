/** Keeps the page and its address in step: the fragment holds the whole question. */
import { effect } from '@preact/signals';
import { fromFragment, toFragment } from './link.ts';
import { linked, notice, open, run } from './state.ts';

/** Between a change and the address that says it: sliders change many times a second, browsers limit such calls. */
const WRITE_MS = 300;

let timer: ReturnType<typeof setTimeout> | undefined;
let written = '';

/** Opens what the address says and follows it from then on; the first search starts here. */
export async function startLinking(): Promise<void> {
  await openFragment();
  addEventListener('hashchange', () => void openFragment());
  effect(() => {
    const now = linked.value;
    clearTimeout(timer);
    timer = setTimeout(() => void write(now), WRITE_MS);
  });
}

/** The address of the page as it is now. */
export async function currentLink(): Promise<string> {
  return new URL(`#${await toFragment(linked.value)}`, location.href).href;
}

async function openFragment(): Promise<void> {
  const fragment = location.hash.slice(1);
  if (fragment !== '' && fragment === written) return;
  if (fragment === '') return run();
  const link = await fromFragment(fragment);
  if (link) return open(link);
  notice.value = {
    kind: 'error',
    text: 'This link cannot be read: it was cut or changed, or is not one of this page.',
  };
  void write(linked.value);
  run();
}

/** In place of the address before: a history of every keystroke would bury the way back. */
async function write(now: typeof linked.value): Promise<void> {
  const fragment = await toFragment(now);
  if (now !== linked.peek() || fragment === written) return;
  written = fragment;
  history.replaceState(null, '', `#${fragment}`);
}
