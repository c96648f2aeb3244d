/** Unique ids (Jepsen's): no two acknowledged `generate` operations return the same id. */
import { defineChecker, Findings } from '../../contract/checker.ts';
import { keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import { returned } from './values.ts';

export const uniqueIds = defineChecker({
  name: 'unique-ids',
  doc: 'no id is generated twice',
  check(operations) {
    const findings = new Findings('unique-ids');
    const seen = new Set<ValueKey>();
    for (const operation of operations) {
      const { f, type, output, completedIndex } = operation;
      if (f !== 'generate' || type !== 'ok') continue;
      const id = keyOf(output);
      if (id === null) findings.unclear(operation, returned(operation, 'id'));
      else if (seen.has(id))
        findings.fault(`${textOf(output)} was generated twice`, completedIndex);
      else seen.add(id);
    }
    return findings.verdict({ ids: seen.size }, seen.size);
  },
});
