/**
 * Causal reverse (Jepsen's; "strict serializability's missing edge"): `write` unique value,
 * `read` → all values. If one write completed before another was invoked, a read that shows the
 * second shows the first.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { isReadOf, returned, type Shown, shownBy } from './values.ts';

export const causalReverse = defineChecker({
  name: 'causal-reverse',
  doc: 'a read that shows a write shows every write that was over before it began',
  check(operations) {
    const findings = new Findings('causal-reverse');
    const writes = operations.filter(
      ({ f, type }) => (f === 'write' || f === 'insert') && type !== 'fail',
    );
    const done = writes.filter(({ type }) => type === 'ok');
    done.sort((a, b) => a.completedIndex - b.completedIndex);
    const byValue = new Map(writes.map((one) => [keyOf(one.input), one]));
    const reads = operations.filter(isReadOf);
    for (const read of reads) {
      const shown = shownBy(read);
      if (shown === undefined) {
        findings.unclear(read, returned(read, 'list'));
        continue;
      }
      const found = missedBy(shown, byValue, done);
      if (found === undefined) continue;
      const [later, missed] = found.map(({ input }) => textOf(input));
      const reason = `a read shows ${later} and not ${missed}, which was written before`;
      findings.fault(reason, read.completedIndex);
    }
    return findings.verdict({ writes: writes.length, reads: reads.length }, reads.length);
  },
});

/** A returned write, and a missing one that completed before the first was invoked. */
function missedBy(
  { elements }: Shown,
  byValue: ReadonlyMap<ValueKey, Operation>,
  done: readonly Operation[],
): readonly [Operation, Operation] | undefined {
  let latest: Operation | undefined;
  for (const key of elements.keys()) {
    const write = byValue.get(key);
    if (write === undefined) continue;
    if (latest === undefined || write.invokedIndex > latest.invokedIndex) latest = write;
  }
  if (latest === undefined) return undefined;
  for (const write of done) {
    if (write.completedIndex > latest.invokedIndex) return undefined;
    if (!elements.has(keyOf(write.input))) return [latest, write];
  }
  return undefined;
}
