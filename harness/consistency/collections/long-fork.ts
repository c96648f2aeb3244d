/**
 * Long fork (Jepsen's; Cerone et al. call it what tells parallel snapshot isolation from snapshot
 * isolation). Each key is written once; a read shows a group of keys. Two reads of a group of which
 * each shows a write that the other misses saw the writes happen in different orders.
 *
 * `write` [["w", key, 1]] or a plain key; `read` → [["r", key, value], …].
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { elementsOf, isSameValue, textOf } from '../../contract/value.ts';
import { returned } from './values.ts';

interface GroupRead {
  readonly index: number;
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

export const longFork = defineChecker({
  name: 'long-fork',
  doc: 'no two reads of a group of keys see its writes happen in different orders',
  check(operations) {
    const findings = new Findings('long-fork');
    const groups = new Map<string, GroupRead[]>();
    let reads = 0;
    for (const operation of operations) {
      const isRead = operation.f === 'read' || (operation.f === 'txn' && readsOnly(operation));
      if (!isRead || operation.type !== 'ok') continue;
      reads++;
      const read = groupRead(operation);
      if (read === undefined) {
        findings.unclear(operation, returned(operation, 'list of reads'));
        continue;
      }
      const name = read.keys.join(' ');
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [read]);
      else group.push(read);
    }
    for (const group of groups.values()) findings.faults(forksIn(group));
    const twice = writtenTwice(operations);
    if (twice !== undefined) {
      findings.open(`key ${twice} is written more than once, so reads can't be compared`);
    }
    return findings.verdict({ reads, groups: groups.size }, reads);
  },
});

function readsOnly({ input }: Operation): boolean {
  return Array.isArray(input) && input.every((one) => Array.isArray(one) && one[0] === 'r');
}

function groupRead(operation: Operation): GroupRead | undefined {
  const list = elementsOf(operation.output);
  if (list?.every((one) => Array.isArray(one) && one.length >= 2) !== true) return undefined;
  const shown = (list as unknown[][])
    .map(([, key, value]) => [textOf(key), value ?? null] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = shown.map(([key]) => key);
  return { index: operation.completedIndex, keys, values: shown.map(([, value]) => value) };
}

/** Reads in an order in which each shows all that the one before does; forks where there is none. */
function* forksIn(group: readonly GroupRead[]): Generator<{ reason: string; index: number }> {
  const size = ({ values }: GroupRead) => values.filter((value) => value !== null).length;
  const different = new Map(group.map((read) => [textOf(read.values), read]));
  const sorted = [...different.values()].sort((a, b) => size(a) - size(b));
  for (const [i, later] of sorted.entries()) {
    const earlier = sorted[i - 1];
    if (earlier === undefined) continue;
    const missed = earlier.values.findIndex(
      (value, k) => value !== null && !isSameValue(later.values[k], value),
    );
    if (missed < 0) continue;
    const other = later.values.findIndex(
      (value, k) => value !== null && earlier.values[k] === null,
    );
    const reason = `one read shows key ${earlier.keys[missed]} without ${later.keys[other] ?? 'the others'}, another the other way round`;
    yield { reason, index: later.index };
  }
}

function writtenTwice(operations: readonly Operation[]): string | undefined {
  const written = new Set<string>();
  for (const { f, input, type } of operations) {
    if (type === 'fail' || !(f === 'write' || f === 'txn')) continue;
    const writes = Array.isArray(input) ? input : [['w', input]];
    for (const one of writes) {
      if (!Array.isArray(one) || one[0] !== 'w') continue;
      const key = textOf(one[1]);
      if (written.has(key)) return key;
      written.add(key);
    }
  }
  return undefined;
}
