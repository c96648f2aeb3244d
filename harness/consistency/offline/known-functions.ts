/**
 * Known functions: the functions of Jepsen's other workloads. A function that a workload does not have may have
 * changed anything, so a history with one is never valid. Violations that are found regardless stand: the
 * checkers skip the operation as if it had changed nothing.
 *
 * Workloads that are not listed check functions themselves.
 *
 * A write that is acknowledged with a value other than the one it was invoked with is malformed: it is unknown
 * which of the two was written.
 */
import type { Operation } from '../../contract/history.ts';
import { keyOf, textOf } from '../../contract/value.ts';

const LOG = ['send', 'poll', 'txn', 'assign', 'subscribe', 'crash', 'debug-topic-partitions'];

const FUNCTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['set', ['add', 'read']],
  ['set-full', ['add', 'read']],
  ['counter', ['add', 'read']],
  ['bank', ['transfer', 'read']],
  ['unique-ids', ['generate']],
  ['log', LOG],
  ['monotonic', ['inc', 'add', 'write', 'read', 'timestamp']],
  ['clock', ['read', 'timestamp']],
  ['long-fork', ['write', 'read', 'txn']],
  ['causal-reverse', ['write', 'insert', 'read']],
]);

/** Functions whose completion repeats what was written, or leaves it out. */
const WRITES: ReadonlyMap<string, readonly string[]> = new Map([
  ['set', ['add']],
  ['set-full', ['add']],
  ['counter', ['add']],
  ['bank', ['transfer']],
  ['queue', ['enqueue']],
  ['total-queue', ['enqueue']],
  ['register', ['write']],
]);

/** A complaint about the first write that was acknowledged with another value. */
export function otherValueWritten(
  workload: string,
  operations: readonly Operation[],
): string | undefined {
  const writes = WRITES.get(workload);
  if (writes === undefined) return undefined;
  const isNil = (value: unknown) => value === null || value === undefined;
  const odd = operations.find(({ f, type, input, output }) => {
    if (type !== 'ok' || !writes.includes(f) || isNil(input) || isNil(output)) return false;
    return keyOf(input) !== keyOf(output);
  });
  if (odd === undefined) return undefined;
  const { invokedIndex, f, input, output } = odd;
  return `operation ${invokedIndex}: ${f} ${textOf(input)} was acknowledged as ${f} ${textOf(output)}`;
}

/** A complaint about the first operation whose function the workload does not have. */
export function unknownFunction(
  workload: string,
  operations: readonly Operation[],
): string | undefined {
  const known = FUNCTIONS.get(workload);
  if (known === undefined) return undefined;
  const odd = operations.find(({ f, type }) => type !== 'fail' && !known.includes(f));
  return odd && `operation ${odd.invokedIndex}: the workload ${workload} has no ${odd.f}`;
}
