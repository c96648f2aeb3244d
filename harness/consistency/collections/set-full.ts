/**
 * Set with many reads (Jepsen's set-full): `add` value, `read` → all values. For each element:
 *
 * - lost: known (its add was acknowledged, or a read showed it), and the last read invoked after that does not
 *   show it;
 * - stale: a read invoked after it was known misses it, and a later read shows it again;
 * - made up: shown, but no add of it was invoked, or every add failed;
 * - duplicated: shown twice by one read.
 *
 * Cost: linear in the elements that all reads show together, not elements × reads.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { textOf, type ValueKey } from '../../contract/value.ts';
import { attemptsByElement } from './adds.ts';
import { byInvocation, isReadOf, returned, shownBy } from './values.ts';

interface Element {
  readonly value: unknown;
  knownSince: number;
  /** Positions of the reads that show it, ascending. */
  readonly shownBy: number[];
}

const KINDS = ['lost', 'stale', 'made-up', 'duplicated'] as const;

export const setFull = defineChecker({
  name: 'set-full',
  kinds: KINDS,
  doc: 'elements of a set: none lost, stale, made up or duplicated, over all reads',
  check(operations) {
    const findings = new Findings<(typeof KINDS)[number]>('set-full');
    const adds = attemptsByElement(operations);
    const elements = new Map<ValueKey, Element>();
    for (const [key, { element, acknowledged }] of adds) {
      elements.set(key, { value: element, knownSince: acknowledged, shownBy: [] });
    }
    const reads: Operation[] = [];
    for (const read of operations.filter(isReadOf).sort(byInvocation)) {
      const shown = shownBy(read);
      if (shown === undefined) {
        findings.unclear(read, returned(read, 'list'));
        continue;
      }
      const index = read.completedIndex;
      if (shown.elements.size < shown.size) {
        findings.fault('a read shows an element twice', index, 'duplicated');
      }
      for (const [key, value] of shown.elements) {
        if ((adds.get(key)?.tried ?? Number.POSITIVE_INFINITY) > index) {
          findings.fault(`${textOf(value)} is present but was never added`, index, 'made-up');
        }
        const element = elements.get(key) ?? { value, knownSince: index, shownBy: [] };
        element.knownSince = Math.min(element.knownSince, index);
        element.shownBy.push(reads.length);
        elements.set(key, element);
      }
      reads.push(read);
    }
    for (const element of elements.values()) {
      const missed = firstMiss(element, reads);
      if (missed === undefined) continue;
      const isLost = element.shownBy.at(-1) !== reads.length - 1;
      const what = isLost ? 'lost' : 'missing in a read and back later';
      const kind = isLost ? 'lost' : 'stale';
      findings.fault(`${textOf(element.value)} is ${what}`, missed.invokedIndex, kind);
    }
    return findings.verdict({ elements: adds.size, reads: reads.length }, reads.length);
  },
});

/** The first read that began after the element was known, and does not show it. */
function firstMiss(
  { knownSince, shownBy: positions }: Element,
  reads: readonly Operation[],
): Operation | undefined {
  let next = firstAfter(knownSince, reads);
  for (const position of positions) {
    if (position < next) continue;
    if (position > next) break;
    next++;
  }
  return reads[next];
}

/** The position of the first read that was invoked after an event. */
function firstAfter(event: number, reads: readonly Operation[]): number {
  let low = 0;
  let high = reads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reads[middle]!.invokedIndex > event) high = middle;
    else low = middle + 1;
  }
  return low;
}
