/** What the page knows: what is asked, what is found. Views read signals; actions here change them. */
import { signal } from '@preact/signals';
import type { RequestProgress } from 'dse/browser';
import type { Found, Names } from './engine.ts';
import { names as shippedNames, search } from './engine.ts';

export const shipped = signal<Names>({ architectures: [], workloads: [] });
export const arch = signal('eyeriss');
export const layer = signal('resnet50.conv3');
export const progress = signal<RequestProgress | undefined>(undefined);
export const found = signal<Found | undefined>(undefined);
/** Of the last search; undefined while all is well. */
export const failure = signal<Error | undefined>(undefined);
export const isSearching = signal(false);

let current: AbortController | undefined;

export async function loadNames(): Promise<void> {
  shipped.value = await shippedNames();
}

/** Searches what is asked; a search under way gives way to it. */
export async function run(): Promise<void> {
  current?.abort();
  const controller = new AbortController();
  current = controller;
  const isCurrent = (): boolean => current === controller;
  isSearching.value = true;
  failure.value = undefined;
  progress.value = undefined;
  try {
    const result = await search(
      { arch: arch.value, layer: layer.value },
      { signal: controller.signal, onProgress: (now) => isCurrent() && (progress.value = now) },
    );
    if (isCurrent()) found.value = result;
  } catch (error) {
    if (isCurrent()) failure.value = error as Error;
  } finally {
    if (isCurrent()) isSearching.value = false;
  }
}

/** Ends the search with the best found so far. */
export function stop(): void {
  current?.abort();
}
