/**
 * Causal reverse (Jepsen's; "strict serializability's missing edge"): `write` unique value,
 * `read` → all values. If one write was over before another began, whoever sees the second sees
 * the first.
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import { listOf } from './values.ts';

export const causalReverse = defineChecker({
  name: 'causal-reverse',
  doc: 'a read that shows a write shows every write that was over before it began',
  check(operations) {
    const writes = operations.filter(
      ({ f, type }) => (f === 'write' || f === 'insert') && type !== 'fail',
    );
    const done = writes.filter(({ type }) => type === 'ok');
    done.sort((a, b) => a.completedIndex - b.completedIndex);
    const begunAt = new Map(writes.map((one) => [JSON.stringify(one.input), one.invokedIndex]));
    const reads = operations.filter(({ f, type }) => f === 'read' && type === 'ok');
    const faults = reads.flatMap((read) => {
      const seen = new Set(listOf(read).map((one) => JSON.stringify(one)));
      let latest = -1;
      let shown = '';
      for (const value of seen) {
        const begun = begunAt.get(value) ?? -1;
        if (begun > latest) [latest, shown] = [begun, value];
      }
      const missed = done.find(
        ({ completedIndex, input }) => completedIndex < latest && !seen.has(JSON.stringify(input)),
      );
      if (missed === undefined) return [];
      const value = JSON.stringify(missed.input);
      const reason = `a read shows ${shown} and not ${value}, which was written before`;
      return [{ reason, index: read.completedIndex }];
    });
    return verdictOf(
      'causal-reverse',
      faults,
      { writes: writes.length, reads: reads.length },
      reads.length,
    );
  },
});
