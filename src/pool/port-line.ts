/** A line between two threads, on a Node message port. */
import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort } from 'node:worker_threads';
import type { Line } from '../search/helpers.ts';

export function portLine(port: MessagePort): Line {
  return {
    send: (message) => port.postMessage(message),
    receive: () => receiveMessageOnPort(port)?.message,
    close: () => port.close(),
  };
}
