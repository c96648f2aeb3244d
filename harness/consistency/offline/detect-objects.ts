/**
 * Detects the objects of a history from all its operations: their functions and the shapes of their values. Returns
 * `undefined` if those are ambiguous; the workload must then be named.
 *
 * Assay's own workloads share names with Jepsen's (bank, register, queue) but carry other values.
 */
import type { Operation } from '../../contract/history.ts';
import { elementsOf, entriesOf, fieldOf, keyOf, type ValueKey } from '../../contract/value.ts';
import { isReadOf } from '../collections/values.ts';

/** Which functions tell the workload, the first that occurs. */
const BY_FUNCTION: readonly (readonly [f: string, workload: string])[] = [
  ['transfer', 'bank'],
  ['cas', 'register'],
  ['acquire', 'mutex'],
  ['release', 'mutex'],
  ['enqueue', 'total-queue'],
  ['dequeue', 'total-queue'],
  ['drain', 'total-queue'],
  ['generate', 'unique-ids'],
  ['read-init', 'causal'],
  ['inc', 'monotonic'],
  ['get', 'key-value'],
  ['put', 'key-value'],
  ['timestamp', 'clock'],
  ['remove', 'linearizable-set'],
  ['watch-all', 'watch'],
  ['watch', 'watch'],
  ['take', 'seats'],
  ['give-back', 'seats'],
  ['dump', 'graph-churn'],
  ['add-vertex', 'graph-churn'],
  ['add-edge', 'graph-churn'],
  ['send', 'log'],
  ['poll', 'log'],
];

export function detectObjects(operations: readonly Operation[]): string | undefined {
  const functions = new Set(operations.map(({ f }) => f));
  const own = ownWorkload(operations, functions);
  if (own !== undefined) return own;
  const micro = microWorkload(operations);
  if (micro !== undefined) return micro;
  for (const [f, workload] of BY_FUNCTION) if (functions.has(f)) return workload;
  const reads = operations.filter((one) => isReadOf(one) && (one.output ?? null) !== null);
  if (functions.has('add')) return setOrCounter(reads);
  if (functions.has('write'))
    return showsOtherWrites(operations, reads) ? 'causal-reverse' : 'register';
  if (!functions.has('read') || reads.length === 0) return undefined;
  if (reads.every(({ output }) => entriesOf(output) !== undefined)) return 'bank';
  return reads.every(({ output }) => elementsOf(output) === undefined) ? 'register' : undefined;
}

/** What a name means for operations of this shape: Assay's own workload of the name, or Jepsen's. */
export function workloadNamed(name: string, operations: readonly Operation[]): string {
  const functions = new Set(operations.map(({ f }) => f));
  if (name === 'queue') return functions.has('drain') ? 'total-queue' : name;
  if (name !== 'bank' && name !== 'register') return name;
  const own = ownWorkload(operations, functions);
  return own === `own-${name}` ? own : name;
}

function ownWorkload(
  operations: readonly Operation[],
  functions: ReadonlySet<string>,
): string | undefined {
  const { input, output } = carrierOf(operations);
  if (functions.has('add') && isGroup(input('add'))) return 'durable-set';
  if (fieldOf(output('read'), 'balances') !== undefined) return 'own-bank';
  if (functions.has('transfer') && fieldOf(input('transfer'), 'id') !== undefined) {
    return (output('read') ?? null) === null ? 'own-bank' : undefined;
  }
  if (functions.has('swap') || functions.has('read-all')) return 'own-register';
  return isNumberIn(input('read'), 'key') ? 'own-register' : undefined;
}

/** What the first operation of a function that carries a map carries. */
function carrierOf(operations: readonly Operation[]) {
  const first = (f: string, side: 'input' | 'output') =>
    operations.find(
      (one) =>
        one.f === f &&
        entriesOf(one[side]) !== undefined &&
        (side === 'input' || one.type === 'ok'),
    )?.[side];
  return { input: (f: string) => first(f, 'input'), output: (f: string) => first(f, 'output') };
}

const isNumberIn = (value: unknown, name: string) => typeof fieldOf(value, name) === 'number';
const isGroup = (value: unknown) => isNumberIn(value, 'group') && isNumberIn(value, 'size');

function microWorkload(operations: readonly Operation[]): string | undefined {
  for (const { input, output, f } of operations) {
    const list = Array.isArray(output) ? output : input;
    if (!Array.isArray(list) || !Array.isArray(list[0])) continue;
    const name: unknown = list[0][0];
    if (name === 'send' || name === 'poll') return 'log';
    if ((name === 'w' || name === 'r') && (f === 'read' || f === 'write')) return 'long-fork';
  }
  return undefined;
}

function setOrCounter(reads: readonly Operation[]): string | undefined {
  const lists = reads.filter(({ output }) => elementsOf(output) !== undefined);
  if (lists.length === 0) return reads.length > 0 ? 'counter' : undefined;
  const rows = lists.flatMap(({ output }) => elementsOf(output)!.slice(0, 1));
  if (rows.some((row) => fieldOf(row, 'sts') !== undefined)) return 'monotonic';
  return lists.length > 1 ? 'set-full' : 'set';
}

/** Whether writes are of single values and reads of lists of them. */
function showsOtherWrites(operations: readonly Operation[], reads: readonly Operation[]): boolean {
  const lists = reads.map(({ output }) => elementsOf(output));
  if (lists.length === 0 || lists.some((list) => list === undefined)) return false;
  const written = new Set<ValueKey>();
  for (const { f, input } of operations) {
    if (f !== 'write') continue;
    if (elementsOf(input) !== undefined) return false;
    written.add(keyOf(input));
  }
  const isPair = (list: readonly unknown[]) =>
    list.length === 2 && elementsOf(list[1]) === undefined;
  return lists.some((list) => !isPair(list!) || list!.every((one) => written.has(keyOf(one))));
}
