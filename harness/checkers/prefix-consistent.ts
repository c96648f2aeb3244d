/**
 * Prefix consistency of a set: for stores that may lose acknowledged commits, but only the last
 * ones. For each read:
 * - the groups read are closed under "completed before": if a group is read, so is every group whose
 *   add was acknowledged before that group's add began (a new beginning after the crash, by process
 *   −1, says nothing of what was before it);
 * - no group is there in part, and none that was never added;
 * - no group that a read after a crash showed is gone after the next (before a crash such a store
 *   may show what the crash takes back).
 */

import { addsByGroup, type Fault, madeUpOrInPart } from '../consistency/collections/set-groups.ts';
import { defineChecker, Findings } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { SetRead } from '../contract/operation-values.ts';

/** The process that reads and writes once after a simulated crash. */
const AFTER_CRASH = -1;

const KINDS = ['order', 'made-up', 'in-part', 'taken-back'] as const;

export default defineChecker({
  name: 'prefix-consistent',
  kinds: KINDS,
  doc: 'what remains is a prefix of the commits; only the last ones may be lost, and none in part',
  check(operations) {
    const adds = addsByGroup(operations);
    const reads = operations.filter(({ f, type }) => f === 'read' && type === 'ok');
    const findings = new Findings<(typeof KINDS)[number]>('prefix-consistent');
    let seenBefore: readonly number[] = [];
    for (const read of reads) {
      const groups = new Map(read.output as SetRead);
      findings.faults(madeUpOrInPart(adds, read, groups));
      findings.faults(gaps(adds, groups));
      for (const group of seenBefore) {
        if (groups.has(group)) continue;
        const reason = `group ${group} was read, and is gone`;
        findings.fault(reason, read.completedIndex, 'taken-back');
      }
      if (read.process === AFTER_CRASH) seenBefore = [...groups.keys()];
    }
    const counts = { adds: adds.size, reads: reads.length };
    return findings.verdict(counts, reads.length * adds.size);
  },
});

function* gaps(
  adds: ReadonlyMap<number, Operation>,
  groups: ReadonlyMap<number, number>,
): Generator<Fault<'order'>> {
  /** When the last group that is there began. */
  let lastBegan = -1;
  for (const group of groups.keys()) {
    const add = adds.get(group);
    if (add === undefined || add.process === AFTER_CRASH) continue;
    lastBegan = Math.max(lastBegan, add.invokedIndex);
  }
  for (const [group, add] of adds) {
    if (add.type !== 'ok' || groups.has(group) || add.completedIndex > lastBegan) continue;
    const reason = `group ${group} is lost, and a later one is there`;
    yield { reason, index: add.invokedIndex, kind: 'order' };
  }
}
