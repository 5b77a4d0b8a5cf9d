/** A page or a web worker as a host. What the package ships is part of the code, so that nothing is fetched. */
import { about, kernels, texts } from './embedded.js';
import type { Host } from './host.ts';
import { memoryFiles } from './memory-files.ts';

const files = memoryFiles('/dse', texts);

/** Adds a file, or replaces it, that requests then name like one of a file system: `mine.yaml`, `nets/model.onnx`. */
export const writeFile: (path: string, content: string | Uint8Array) => void = files.write;

export const host: Host = {
  about: () => about,
  kernelBytes: (name) => Uint8Array.from(atob(kernels[name]), (byte) => byte.charCodeAt(0)),
  cores: () => navigator.hardwareConcurrency,
  mayBlock: !('document' in globalThis),
  pause,
  files,
};

/** A message to oneself: timers wait at least 4 ms once they follow one another. */
function pause(): Promise<void> {
  return new Promise((resume) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resume();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}
