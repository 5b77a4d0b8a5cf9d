/** A picture with its caption, a button that saves it and, folded, its figures as a table. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { savePicture } from './save-picture.ts';

export interface FigureProps {
  /** Of the saved file, without suffix. */
  readonly name: string;
  readonly caption: ComponentChildren;
  readonly table?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Figure({ name, caption, table, children }: FigureProps) {
  const figure = useRef<HTMLElement>(null);
  return (
    <figure data-picture={name} ref={figure}>
      {children}
      <figcaption>
        {caption}{' '}
        <button
          type="button"
          class="save"
          aria-label={`Save ${name} as SVG`}
          onClick={() => figure.current && savePicture(figure.current)}
        >
          Save SVG
        </button>
      </figcaption>
      {table && (
        <details>
          <summary>As a table</summary>
          {table}
        </details>
      )}
    </figure>
  );
}
