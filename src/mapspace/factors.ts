/** Divisors and primes of loop bounds (below 2^31). */

/** All divisors, ascending. */
export function divisors(n: number): number[] {
  const small: number[] = [];
  for (let d = 1; d * d <= n; d++) if (n % d === 0) small.push(d);
  const large = small.filter((d) => d * d !== n).map((d) => n / d);
  return [...small, ...large.toReversed()];
}

/** Prime factors with repetition, ascending; none for 1. */
export function primeFactors(n: number): number[] {
  const primes: number[] = [];
  let rest = n;
  for (let p = 2; p * p <= rest; p++) {
    for (; rest % p === 0; rest /= p) primes.push(p);
  }
  return rest > 1 ? [...primes, rest] : primes;
}
