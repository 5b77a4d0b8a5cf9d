/** The machine with a mapping's tiles in its memories. */
import { Figure } from './figure.tsx';

export interface MachinePictureProps {
  readonly name: string;
  /** SVG text of the engine: it escapes what it writes. */
  readonly picture: string;
}

export function MachinePicture({ name, picture }: MachinePictureProps) {
  return (
    <Figure
      name={name}
      caption="Memories outermost first, with the tiles they hold; arrays with the units at work."
    >
      <div
        class="scroll machine"
        tabIndex={0}
        role="group"
        aria-label="machine"
        dangerouslySetInnerHTML={{ __html: picture }}
      />
    </Figure>
  );
}
