/**
 * Recency of registers with unique writes. For each value read from a key:
 * - somebody wrote it, and began before the read ended;
 * - no write that is known to have happened (acknowledged, or read before) lies wholly between
 *   that write and the read (the read is not stale, and what was read is not taken back);
 * and no value is replaced by two swaps (no update is lost).
 *
 * These are necessary for linearizability, not sufficient: it is not a full search. It decides in
 * O(reads × writes of the key).
 */
import { defineChecker, verdictOf } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { RegisterInput, RegisterOutput } from '../contract/operation-values.ts';

const KINDS = ['made-up', 'future-read', 'stale-read', 'lost-swap'] as const;

interface Fault {
  readonly reason: string;
  readonly index: number;
  readonly kind: (typeof KINDS)[number];
}

interface KeyRead {
  readonly key: number;
  readonly value: number | null;
  readonly operation: Operation;
}

export default defineChecker({
  name: 'recency',
  kinds: KINDS,
  doc: 'no read is stale or made up, no swap is lost, on registers with unique writes',
  check(operations) {
    const writes = new Map<number, Operation[]>();
    const reads: KeyRead[] = [];
    for (const operation of operations) {
      if (operation.f === 'write' || operation.f === 'swap') {
        const { key } = operation.input as RegisterInput;
        const ofKey = writes.get(key) ?? [];
        ofKey.push(operation);
        writes.set(key, ofKey);
      }
      if (operation.type === 'ok') for (const read of readsOf(operation)) reads.push(read);
    }
    const known = knownSince([...writes.values()].flat(), reads);
    const faults = reads.flatMap((read) => [
      ...readFaults(read, writes.get(read.key) ?? [], known),
    ]);
    for (const [key, ofKey] of writes) for (const one of lostSwaps(key, ofKey)) faults.push(one);
    const acknowledged = [...writes.values()].flat().filter((one) => one.type === 'ok').length;
    return verdictOf('recency', faults, { acknowledged, reads: reads.length }, reads.length);
  },
});

function readsOf(operation: Operation): KeyRead[] {
  if (operation.f === 'read-all') {
    const values = operation.output as readonly (number | null)[];
    return values.map((value, key) => ({ key, value, operation }));
  }
  if (operation.f === 'write') return [];
  const { key } = operation.input as RegisterInput;
  return [{ key, value: (operation.output as RegisterOutput).read, operation }];
}

/** For each write the index since when it is known to have happened: acknowledged, or read. */
function knownSince(
  writes: readonly Operation[],
  reads: readonly KeyRead[],
): ReadonlyMap<Operation, number> {
  const firstRead = new Map<number | null, number>();
  for (const { value, operation } of reads) {
    const seen = firstRead.get(value) ?? Number.POSITIVE_INFINITY;
    firstRead.set(value, Math.min(seen, operation.completedIndex));
  }
  return new Map(
    writes.map((write) => {
      const read = firstRead.get((write.input as RegisterInput).value ?? null);
      return [write, Math.min(write.completedIndex, read ?? Number.POSITIVE_INFINITY)] as const;
    }),
  );
}

function* readFaults(
  read: KeyRead,
  writes: readonly Operation[],
  known: ReadonlyMap<Operation, number>,
): Generator<Fault> {
  const { key, value, operation } = read;
  const index = operation.completedIndex;
  const writer = writes.find((write) => (write.input as RegisterInput).value === value);
  if (value !== null && (writer === undefined || writer.type === 'fail')) {
    yield {
      reason: `key ${key} holds ${value}, a value that was never written`,
      index,
      kind: 'made-up',
    };
    return;
  }
  if (writer !== undefined && writer.invokedIndex > index) {
    const reason = `key ${key} showed ${value} before it was written`;
    yield { reason, index, kind: 'future-read' };
  }
  const writtenBy = writer === undefined ? -1 : known.get(writer)!;
  const newer = writes.find(
    (write) =>
      write !== writer &&
      write.type !== 'fail' &&
      write.invokedIndex > writtenBy &&
      known.get(write)! < operation.invokedIndex,
  );
  if (newer === undefined) return;
  const { value: lost } = newer.input as RegisterInput;
  const reason = `key ${key} shows ${value}, although ${lost} came after it`;
  yield { reason, index: newer.invokedIndex, kind: 'stale-read' };
}

function* lostSwaps(key: number, writes: readonly Operation[]): Generator<Fault> {
  const replaced = new Map<number | null, Operation>();
  for (const swap of writes) {
    if (swap.f !== 'swap' || swap.type !== 'ok') continue;
    const { read } = swap.output as RegisterOutput;
    const other = replaced.get(read);
    if (other !== undefined && read !== null) {
      const reason = `key ${key}: two swaps replaced ${read}; one of them is lost`;
      const index = Math.min(swap.invokedIndex, other.invokedIndex);
      yield { reason, index, kind: 'lost-swap' };
    }
    replaced.set(read, swap);
  }
}
