/** An element that plain code made, inside a view. */
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface MadeProps {
  /** Made anew when one of `of` changed. */
  readonly make: () => Element;
  readonly of: readonly unknown[];
}

export function Made({ make, of }: MadeProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => place.current?.replaceChildren(make()), of);
  return <div ref={place} />;
}
