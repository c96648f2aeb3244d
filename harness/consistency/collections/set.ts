/**
 * Set (Jepsen's): `add` value, and at the end `read` → all values. Judges the last read:
 *
 * - lost: its add was acknowledged before the read was invoked, and the read does not show it
 * - made up: shown, but no add of it was invoked, or every add failed
 * - duplicated: shown twice
 *
 * When the last read returns no list, the one before is judged, and the verdict is not `valid`.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import { textOf } from '../../contract/value.ts';
import { attemptsByElement } from './adds.ts';
import { isReadOf, returned, shownBy } from './values.ts';

const KINDS = ['lost', 'made-up', 'duplicated'] as const;

export const set = defineChecker({
  name: 'set',
  kinds: KINDS,
  doc: 'the last read of a set shows every acknowledged element, and none that was never added',
  check(operations) {
    const findings = new Findings<(typeof KINDS)[number]>('set');
    const adds = attemptsByElement(operations);
    const reads = operations.filter(isReadOf).sort((a, b) => b.completedIndex - a.completedIndex);
    for (const read of reads) {
      const shown = shownBy(read);
      if (shown === undefined) {
        findings.unclear(read, returned(read, 'list'));
        continue;
      }
      const { elements, size } = shown;
      const index = read.completedIndex;
      for (const [key, { element, acknowledged, acknowledgedBy }] of adds) {
        if (acknowledged > read.invokedIndex || elements.has(key)) continue;
        findings.fault(`${textOf(element)} is lost`, acknowledgedBy, 'lost');
      }
      for (const [key, element] of elements) {
        if ((adds.get(key)?.tried ?? Number.POSITIVE_INFINITY) < index) continue;
        findings.fault(`${textOf(element)} is present but was never added`, index, 'made-up');
      }
      if (elements.size < size)
        findings.fault('the read shows an element twice', index, 'duplicated');
      return findings.verdict({ elements: adds.size, shown: elements.size }, 1);
    }
    return findings.verdict({ elements: adds.size, shown: 0 }, 0);
  },
});
