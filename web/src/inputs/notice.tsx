/** What the page says of itself; goes away when dismissed. */
import { notice } from '../state.ts';

export function Notice() {
  const now = notice.value;
  return (
    <div class="wide" aria-live="polite">
      {now && (
        <div class={`notice ${now.kind}`}>
          <pre>{now.text}</pre>
          <button type="button" onClick={() => (notice.value = undefined)}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
