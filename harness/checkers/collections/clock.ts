/**
 * Clock: `read` → a timestamp (a number, or a list of numbers most significant first). A service
 * that hands out timestamps must not go back: who asks after another has his answer gets no
 * smaller one; of unique ones a greater one.
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import { shrinking } from './monotonic.ts';

export const clock = defineChecker({
  name: 'clock',
  doc: 'timestamps handed out never go back in real time',
  check(operations) {
    const reads = operations.filter(
      ({ f, type, output }) =>
        (f === 'read' || f === 'timestamp') && type === 'ok' && output !== null,
    );
    const ranks = ranksOf(reads.map(({ output }) => output));
    const ranked = reads.map((read, i) => ({ ...read, output: ranks[i]! }));
    const faults = [...shrinking(ranked)].map(({ index }) => ({
      reason: 'a timestamp is smaller than one that was known before it was asked for',
      index,
    }));
    return verdictOf('clock', faults, { reads: reads.length }, reads.length);
  },
});

function ranksOf(stamps: readonly unknown[]): number[] {
  const parts = stamps.map((stamp) => (Array.isArray(stamp) ? stamp : [stamp]).map(Number));
  const compare = (a: readonly number[], b: readonly number[]) => {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const difference = (a[i] ?? 0) - (b[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const order = parts.map((_, i) => i).sort((a, b) => compare(parts[a]!, parts[b]!));
  const ranks: number[] = [];
  for (const [at, i] of order.entries()) {
    const before = order[at - 1];
    const same = before !== undefined && compare(parts[before]!, parts[i]!) === 0;
    ranks[i] = same ? ranks[before]! : at;
  }
  return ranks;
}
