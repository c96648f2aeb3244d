/**
 * Durability of a set. For each read:
 *
 * - every group whose add was acknowledged before the read was invoked is present and whole (no loss);
 * - every group that is present was added by an operation invoked before the read completed (nothing made up);
 * - no group is present in part (no partial application);
 * - no group that an earlier read showed is missing (what was read stays).
 */

import { addsByGroup, type Fault, madeUpOrInPart } from '../consistency/collections/set-groups.ts';
import { defineChecker, Findings } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { SetRead } from '../contract/operation-values.ts';

const KINDS = ['lost', 'made-up', 'in-part', 'taken-back'] as const;

export default defineChecker({
  name: 'durability',
  kinds: KINDS,
  doc: 'no acknowledged write is lost, none is made up or partially applied, and what was read stays',
  check(operations) {
    const adds = addsByGroup(operations);
    const reads = operations.filter(({ f, type }) => f === 'read' && type === 'ok');
    const findings = new Findings<(typeof KINDS)[number]>('durability');
    let seenBefore: ReadonlySet<number> = new Set();
    for (const read of reads) {
      const groups = new Map(read.output as SetRead);
      findings.faults(missing(adds, read, groups));
      findings.faults(madeUpOrInPart(adds, read, groups));
      for (const group of seenBefore) {
        if (groups.has(group)) continue;
        const reason = `group ${group} was read, and is gone`;
        findings.fault(reason, read.completedIndex, 'taken-back');
      }
      seenBefore = new Set([...seenBefore, ...groups.keys()]);
    }
    const acknowledged = [...adds.values()].filter((add) => add.type === 'ok').length;
    const counts = { acknowledged, reads: reads.length };
    return findings.verdict(counts, reads.length * adds.size);
  },
});

function* missing(
  adds: ReadonlyMap<number, Operation>,
  read: Operation,
  groups: ReadonlyMap<number, number>,
): Generator<Fault<'lost'>> {
  for (const [group, add] of adds) {
    if (add.type !== 'ok' || add.completedIndex > read.invokedIndex || groups.has(group)) continue;
    yield {
      reason: `group ${group} was acknowledged (operation ${add.invokedIndex}), and is lost`,
      index: add.invokedIndex,
      kind: 'lost',
    };
  }
}
