/**
 * Shared by the checkers of the durable-set workload: adds by group, and the reads that are wrong under any
 * guarantee: a group that no client added, or a part of a group.
 */
import type { Operation } from '../../contract/history.ts';
import type { AddGroup } from '../../contract/operation-values.ts';

export interface Fault<Kind extends string> {
  readonly reason: string;
  readonly index: number;
  readonly kind: Kind;
}

export function addsByGroup(operations: readonly Operation[]): Map<number, Operation> {
  const adds = operations.filter(({ f }) => f === 'add');
  return new Map(adds.map((add) => [(add.input as AddGroup).group, add] as const));
}

/** `groups`: how many elements of each group the read shows. */
export function* madeUpOrInPart(
  adds: ReadonlyMap<number, Operation>,
  read: Operation,
  groups: ReadonlyMap<number, number>,
): Generator<Fault<'made-up' | 'in-part'>> {
  const index = read.completedIndex;
  for (const [group, elements] of groups) {
    const add = adds.get(group);
    if (add === undefined || add.invokedIndex > index || add.type === 'fail') {
      yield { reason: `group ${group} is present but was never added`, index, kind: 'made-up' };
      continue;
    }
    const { size } = add.input as AddGroup;
    if (elements !== size) {
      const reason = `group ${group} is there in part: ${elements} of ${size} elements`;
      yield { reason, index: add.invokedIndex, kind: 'in-part' };
    }
  }
}
