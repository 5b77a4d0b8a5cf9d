/** What a shape rule is. */
import type { NodeView } from '../node-view.ts';

/** A result; its type is the first input's unless it says otherwise. */
export interface Result {
  readonly shape: readonly number[];
  readonly values?: readonly number[];
  readonly type?: number;
}

/** Throws `NotKnown` if an input it needs is unknown, `InputError` if inputs contradict each other. */
export type Rule = (view: NodeView) => Result | Result[];
