/** A chart with its caption and table, drawn for the width it has. The last drawing stays until the next is there. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Made } from './element.tsx';
import { Figure } from './figure.tsx';

export type Charts = typeof import('./charts.ts');

const charts = signal<Charts | undefined>(undefined);
const failure = signal('');

async function loadCharts(): Promise<void> {
  try {
    charts.value ??= await import('./charts.ts');
  } catch (error) {
    failure.value = String(error);
  }
}

export interface ChartProps {
  /** Of a saved picture, without suffix. */
  readonly name: string;
  readonly caption: ComponentChildren;
  readonly draw: (charts: Charts, width: number) => Element;
  readonly legend?: (charts: Charts) => Element;
  /** The same figures. */
  readonly table?: (charts: Charts) => Element;
  /** Drawn anew when one of these changed. */
  readonly of: readonly unknown[];
  /** Key of the chosen mark. */
  readonly chosen?: number;
}

export function Chart({ name, caption, draw, legend, table, of, chosen }: ChartProps) {
  useEffect(() => void loadCharts(), []);
  const known = charts.value;
  if (!known) return <p class="chart-place note">{failure.value || 'Loading charts …'}</p>;
  return (
    <Figure name={name} caption={caption} table={table && <Made make={() => table(known)} of={of} />}>
      {legend && <Made make={() => legend(known)} of={of} />}
      <Drawing
        draw={(width) => draw(known, width)}
        of={of}
        mark={(plot) => known.chooseMark(plot, chosen ?? -1)}
        chosen={chosen}
      />
    </Figure>
  );
}

interface DrawingProps {
  readonly draw: (width: number) => Element;
  readonly of: readonly unknown[];
  readonly mark: (place: Element) => void;
  readonly chosen?: number;
}

function Drawing({ draw, of, mark, chosen }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = place;
    if (!current) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    setWidth(current.clientWidth);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (width > 0) place.current?.replaceChildren(draw(Math.max(LEAST_WIDTH, width)));
  }, [width, ...of]);
  useLayoutEffect(() => {
    if (place.current) mark(place.current);
  }, [width, chosen, ...of]);
  return <div class="drawing" ref={place} />;
}

/** In pixels. */
const LEAST_WIDTH = 240;
