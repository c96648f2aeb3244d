/**
 * Set (Jepsen's): `add` value, and at the end `read` → all values. Judges the last read:
 *
 * - lost: its add was acknowledged before the read began, and it is not there
 * - made up: there, and nobody tried to add it
 * - duplicated: there twice
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import { listOf } from './values.ts';

export const set = defineChecker({
  name: 'set',
  doc: 'the last read of a set shows every acknowledged element, and none that nobody added',
  check(operations) {
    const reads = operations.filter(({ f, type }) => f === 'read' && type === 'ok');
    const last = reads.reduce<(typeof reads)[number] | undefined>(
      (best, one) => (best === undefined || one.completedIndex > best.completedIndex ? one : best),
      undefined,
    );
    if (last === undefined) return verdictOf('set', [], {}, 0);
    const adds = operations.filter(({ f }) => f === 'add');
    const tried = new Set(adds.filter(({ type }) => type !== 'fail').map(nameOfInput));
    const seen = listOf(last).map((one) => JSON.stringify(one));
    const once = new Set(seen);
    const index = last.completedIndex;
    const faults: { reason: string; index: number }[] = [];
    for (const add of adds) {
      if (add.type !== 'ok' || add.completedIndex > last.invokedIndex) continue;
      const element = nameOfInput(add);
      if (!once.has(element))
        faults.push({ reason: `${element} is lost`, index: add.invokedIndex });
    }
    for (const element of once) {
      if (!tried.has(element))
        faults.push({ reason: `${element} is there, and nobody added it`, index });
    }
    if (once.size < seen.length) faults.push({ reason: 'the read shows an element twice', index });
    return verdictOf('set', faults, { elements: adds.length, shown: once.size }, 1);
  },
});

const nameOfInput = ({ input }: { readonly input: unknown }) => JSON.stringify(input);
