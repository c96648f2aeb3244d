/** The reads after a recovery, as operations that follow everything before them. */
import type { Operation } from '../../contract/history.ts';
import type { Session } from '../../contract/target.ts';
import type { WorkloadInstance } from '../../contract/workload.ts';

/** Adds the final reads to `operations`. Throws what a read throws. */
export async function readFinally(
  workload: WorkloadInstance,
  session: Session,
  operations: Operation[],
): Promise<void> {
  for (const { f, value } of workload.finalReads) {
    const output = await workload.invoke(session, { f, value });
    addOperation(operations, { f, input: value, output, type: 'ok' });
  }
}

/** Adds an operation that overlaps no other. */
export function addOperation(
  operations: Operation[],
  done: Pick<Operation, 'f' | 'input' | 'output' | 'type'>,
): void {
  const invokedIndex = nextIndex(operations);
  operations.push({ ...done, process: -1, invokedIndex, completedIndex: invokedIndex + 1 });
}

function nextIndex(operations: readonly Operation[]): number {
  let index = 0;
  for (const { invokedIndex, completedIndex } of operations) {
    const last = Number.isFinite(completedIndex) ? completedIndex : invokedIndex;
    if (last >= index) index = last + 1;
  }
  return index;
}
