/** "Did you mean": the nearest known word to a misspelt one. No knowledge of what the words mean. */

/** `did you mean 'size'?`, ready for `Diagnostic.suggestion`, or undefined if nothing known is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const match = closest(word, candidates);
  return match === undefined ? undefined : `did you mean '${match}'?`;
}

/**
 * The candidate nearest to the word, at most a third of its letters away; the first of equals.
 * Letter case, `_`, `-`, `.` and spaces do not count.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = normalised(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, normalised(candidate));
    if (distance < bestDistance && distance < wanted.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap two neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = last[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(substitution, last[column] + 1, current[column - 1] + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) current[column] = Math.min(current[column], beforeLast[column - 2] + 1);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length];
}

function normalised(word: string): string {
  // Longer than any key we know; keeps the quadratic distance cheap on hostile input.
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[_\-.\s]/g, '');
}
