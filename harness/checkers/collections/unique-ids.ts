/** Unique ids (Jepsen's): no two acknowledged `generate` operations answer the same. */
import { defineChecker, verdictOf } from '../../contract/checker.ts';

export const uniqueIds = defineChecker({
  name: 'unique-ids',
  doc: 'no id is generated twice',
  check(operations) {
    const first = new Map<string, number>();
    const faults: { reason: string; index: number }[] = [];
    for (const { f, type, output, completedIndex } of operations) {
      if (f !== 'generate' || type !== 'ok') continue;
      const id = JSON.stringify(output);
      const before = first.get(id);
      if (before === undefined) first.set(id, completedIndex);
      else faults.push({ reason: `${id} was generated twice`, index: completedIndex });
    }
    return verdictOf('unique-ids', faults, { ids: first.size }, first.size);
  },
});
