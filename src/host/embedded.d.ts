/** What scripts/embed.mjs writes into `dist/host/embedded.js`: the package's data for browsers. */
import type { About, KernelName } from './host.ts';

export const about: About;
/** WebAssembly builds, base64. */
export const kernels: Readonly<Record<KernelName, string>>;
/** Shipped files by path, such as `archs/eyeriss.yaml`. */
export const texts: Readonly<Record<string, string>>;
