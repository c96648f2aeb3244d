/**
 * Gaps in the timestamps of commits: an open after a crash skips many, so that none is handed out
 * twice. Who counts commits by their timestamps has to leave the gaps out.
 */

/** No commit lies between the two; `after` was the last one before, `next` may be the next. */
export type LsnGap = readonly [after: number, next: number];

/** Older gaps are forgotten, and what lies before them is kept. */
const GAPS_MAX = 1000;

/** The gaps once the commit behind `after` gets the timestamp `next`: those behind `after` are void. */
export function withGap(gaps: readonly LsnGap[], after: number, next: number): readonly LsnGap[] {
  const before = gaps.filter((gap) => gap[0] < after);
  if (next === after + 1) return before;
  return [...before, [after, next] as const].slice(-GAPS_MAX);
}

/** The timestamp of the commit `count` commits before `lsn`; 0 if there are fewer. */
export function commitsBefore(lsn: number, count: number, gaps: readonly LsnGap[]): number {
  let at = lsn;
  let left = count;
  for (const [after, next] of [...gaps].reverse()) {
    if (at < next) {
      at = Math.min(at, after);
      continue;
    }
    const between = at - next;
    if (left <= between) return at - left;
    left -= between + 1;
    at = after;
  }
  return gaps.length === GAPS_MAX ? 0 : Math.max(0, at - left);
}
