/**
 * Verdict: the conclusion of a checker. Merged worst first; a missing verdict never counts as valid.
 */
export type Validity = 'valid' | 'invalid' | 'unknown' | 'unsupported';

/** Worst first. */
const ORDER: readonly Validity[] = ['invalid', 'unknown', 'unsupported', 'valid'];

export interface Verdict {
  readonly validity: Validity;
  /** One sentence each, worst first. At least one unless valid. */
  readonly reasons: readonly string[];
  /** Index in the history of the first operation that violates the guarantee. */
  readonly firstBadIndex?: number;
  /** Kinds of the faults that were found, in the checkers' words: `lost`, `stale-read`, `G2-item`. */
  readonly kinds?: readonly string[];
  /** Counts of what was judged, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

export function worst(validities: Iterable<Validity>): Validity {
  const seen = new Set(validities);
  return ORDER.find((validity) => seen.has(validity)) ?? 'unknown';
}

/**
 * Exit codes as Jepsen's: 0 valid, 1 invalid, 2 unknown. Cells that were not run change nothing
 * beside cells that were; a run that proved nothing ends with 2.
 */
export function exitCode(validities: readonly Validity[]): number {
  if (validities.includes('invalid')) return 1;
  return validities.includes('unknown') || !validities.includes('valid') ? 2 : 0;
}

export function mergeVerdicts(verdicts: readonly Verdict[]): Verdict {
  const validity = worst(verdicts.map((verdict) => verdict.validity));
  const reasons = ORDER.flatMap((rank) =>
    verdicts.filter((verdict) => verdict.validity === rank).flatMap((verdict) => verdict.reasons),
  );
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) {
    for (const [name, count] of Object.entries(verdict.counts)) {
      counts[name] = (counts[name] ?? 0) + count;
    }
  }
  let first = Number.POSITIVE_INFINITY;
  for (const { firstBadIndex = first } of verdicts) first = Math.min(first, firstBadIndex);
  const kinds = [...new Set(verdicts.flatMap((verdict) => verdict.kinds ?? []))];
  return {
    validity,
    reasons,
    counts,
    ...(Number.isFinite(first) && { firstBadIndex: first }),
    ...(kinds.length > 0 && { kinds }),
  };
}
