/** A picture with its caption, a button that saves it and, folded, its figures as a table. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { pictureOf } from '../inputs/pictures.ts';
import { save } from '../inputs/save.ts';

export interface FigureProps {
  /** Of the saved file, without suffix. */
  readonly name: string;
  readonly caption: ComponentChildren;
  readonly table?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Figure({ name, caption, table, children }: FigureProps) {
  const figure = useRef<HTMLElement>(null);
  const savePicture = (): void => {
    const picture = figure.current && pictureOf(figure.current);
    if (picture) save(picture.file, picture.svg, 'image/svg+xml');
  };
  return (
    <figure data-picture={name} ref={figure}>
      {children}
      <figcaption>
        {caption}{' '}
        <button type="button" class="save" aria-label={`Save ${name} as SVG`} onClick={savePicture}>
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
