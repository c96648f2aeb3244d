/**
 * Set with many reads (Jepsen's set-full): `add` value, `read` → all values. For each element:
 *
 * - lost: known to be there (its add was acknowledged, or a read showed it), and the last read that
 *   began after that does not show it;
 * - stale: some read that began after it was known misses it, and a later one shows it again;
 * - made up: shown, and nobody added it, or its add failed;
 * - duplicated: shown twice by one read.
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';

interface Fault {
  readonly reason: string;
  readonly index: number;
}

export const setFull = defineChecker({
  name: 'set-full',
  doc: 'elements of a set: none lost, stale, made up or duplicated, over all reads',
  check(operations) {
    const adds = new Map<string, Operation>();
    for (const one of operations) if (one.f === 'add') adds.set(JSON.stringify(one.input), one);
    const reads = operations
      .filter(({ f, type }) => f === 'read' && type === 'ok')
      .map((read) => ({
        read,
        seen: (read.output as unknown[]).map((one) => JSON.stringify(one)),
      }));
    const faults: Fault[] = [];
    const knownSince = new Map<string, number>();
    for (const [element, add] of adds) {
      if (add.type === 'ok') knownSince.set(element, add.completedIndex);
    }
    for (const { read, seen } of reads) {
      const once = new Set(seen);
      const index = read.completedIndex;
      if (once.size < seen.length) faults.push({ reason: 'a read shows an element twice', index });
      for (const element of once) {
        const add = adds.get(element);
        if (add === undefined || add.type === 'fail' || add.invokedIndex > index) {
          faults.push({ reason: `${element} is there, and nobody added it`, index });
        }
        knownSince.set(element, Math.min(knownSince.get(element) ?? index, index));
      }
    }
    const shown = reads.map(({ read, seen }) => ({ read, seen: new Set(seen) }));
    for (const [element, since] of knownSince) faults.push(...missing(element, since, shown));
    const counts = { elements: adds.size, reads: reads.length };
    return verdictOf('set-full', faults, counts, reads.length);
  },
});

function* missing(
  element: string,
  since: number,
  reads: readonly { readonly read: Operation; readonly seen: ReadonlySet<string> }[],
): Generator<Fault> {
  const after = reads.filter(({ read }) => read.invokedIndex > since);
  const missed = after.find(({ seen }) => !seen.has(element));
  if (missed === undefined) return;
  const index = missed.read.invokedIndex;
  const lost = !after.at(-1)!.seen.has(element);
  yield { reason: `${element} is ${lost ? 'lost' : 'missing in a read and back later'}`, index };
}
