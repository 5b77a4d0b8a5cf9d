/** What is wrong in an input: message, what was expected, what to do; with the place, if it can be gone to. */
import type { Diagnostic } from 'dse/browser';

interface FaultsProps {
  readonly id: string;
  readonly faults: readonly Diagnostic[];
  /** Takes the reader to the place. */
  readonly onGo?: (fault: Diagnostic) => void;
}

export function Faults({ id, faults, onGo }: FaultsProps) {
  return (
    <div id={id} class="faults" aria-live="polite">
      {faults.length > 0 && (
        <ul>
          {faults.map((fault, i) => (
            <li key={i}>
              {onGo && fault.position && (
                <button type="button" onClick={() => onGo(fault)}>
                  line {fault.position.line}, column {fault.position.column}
                </button>
              )}{' '}
              {faultText(fault)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function faultText({ message, expected, suggestion }: Diagnostic): string {
  return [message, expected && `expected ${expected}`, suggestion].filter(Boolean).join('; ');
}
