/**
 * Oracle: decides isolation levels by brute force from their definitions. For tests, on histories of a
 * few transactions.
 *
 * Serializability, snapshot isolation and prefix are decided by trying every order of begins and
 * commits (executions.ts). For the other levels every commit order is tried, and every possible writer
 * of each read whose value does not identify it; the witness verifier decides whether one combination
 * proves the level.
 */
import { isSameValue, textOf } from '../contract/value.ts';
import { type ExecutionRules, isExecutable } from './executions.ts';
import type { Operation, Recorded } from './recorded.ts';
import { verifyWitness, type Witness } from './verify.ts';
import { satisfies } from './versions.ts';

const rules = (shape: Partial<ExecutionRules>): ExecutionRules => ({
  serial: false,
  firstCommitterWins: true,
  sessions: false,
  realTime: false,
  predicates: true,
  ...shape,
});
const sessions = true;
const realTime = true;

const EXECUTED: ReadonlyMap<string, ExecutionRules> = new Map([
  ['prefix', rules({ firstCommitterWins: false, sessions })],
  ['snapshot-isolation', rules({})],
  ['strong-session-snapshot-isolation', rules({ sessions })],
  ['strong-snapshot-isolation', rules({ sessions, realTime })],
  ['repeatable-read', rules({ serial: true, predicates: false })],
  ['serializable', rules({ serial: true })],
  ['strong-session-serializable', rules({ serial: true, sessions })],
  ['strict-serializable', rules({ serial: true, sessions, realTime })],
]);

/** The levels of `asked` that hold. */
export function levelsByDefinition(recorded: Recorded, asked: readonly string[]): Set<string> {
  const holding = new Set<string>();
  const left = new Set<string>();
  for (const level of asked) {
    const executed = EXECUTED.get(level);
    if (executed === undefined) left.add(level);
    else if (isExecutable(recorded, executed)) holding.add(level);
  }
  for (const order of [...committedIn(recorded)].flatMap((all) => [...permutations(all)])) {
    for (const readFrom of choicesOf(recorded)) {
      for (const level of left) {
        const witness = { level, order, ...(readFrom && { readFrom }) };
        if (verifyWitness(recorded, witness) !== undefined) continue;
        holding.add(level);
        left.delete(level);
      }
      if (left.size === 0) break;
    }
    if (left.size === 0) break;
  }
  // These levels concern items; dirty predicate reads are a matter of read committed.
  if (!holding.has('read-committed')) {
    for (const level of ['cursor-stability', 'repeatable-read']) holding.delete(level);
  }
  return holding;
}

/** The completed transactions, combined with every subset of the indeterminate ones. */
function* committedIn({ transactions }: Recorded): Generator<readonly string[]> {
  const maybe = transactions.filter(({ status }) => status === 'info');
  for (let choice = 0; choice < 2 ** maybe.length; choice++) {
    const happened = new Set(maybe.filter((_, i) => ((choice >> i) & 1) === 1));
    yield transactions
      .filter((one) => one.status === 'ok' || happened.has(one))
      .map(({ name }) => name);
  }
}

/** All combinations of possible writers for each read; one combination if values identify them. */
function* choicesOf(recorded: Recorded): Generator<Witness['readFrom']> {
  if (recorded.kind !== 'predicate') {
    yield undefined;
    return;
  }
  const finals = finalVersions(recorded);
  const open = recorded.transactions.flatMap((reader) => {
    if (reader.status !== 'ok') return [];
    return reader.operations.flatMap((operation, i) => {
      const own = new Set(
        reader.operations.slice(0, i).map(([f, key]) => `${f !== 'r'} ${textOf(key)}`),
      );
      return [...finals].flatMap(([key, versions]) => {
        if (own.has(`true ${key}`)) return [];
        const options = versions.filter(({ writer, value }) => {
          return writer !== reader.name && mayShow(operation, key, value);
        });
        return options.length === 0 ? [] : [{ name: reader.name, key, options }];
      });
    });
  });
  const chosen: (string | undefined)[] = [];
  const choose = function* (at: number): Generator<Witness['readFrom']> {
    if (at === open.length) {
      const picked = open.map((one, i) => ({ ...one, from: chosen[i] }));
      yield (name) =>
        picked.filter((one) => one.name === name).map(({ key, from }) => [key, from] as const);
      return;
    }
    for (const { writer } of open[at]!.options) {
      chosen[at] = writer;
      yield* choose(at + 1);
    }
  };
  yield* choose(0);
}

interface FinalVersion {
  /** `undefined` for the initial version. */
  readonly writer: string | undefined;
  readonly value: unknown;
}

function finalVersions({ transactions }: Recorded): Map<string, FinalVersion[]> {
  const found = new Map<string, FinalVersion[]>();
  for (const { name, status, operations } of transactions) {
    if (status === 'fail') continue;
    const own = new Map<string, unknown>();
    for (const [f, key, value] of operations) {
      if (f === 'w' || f === 'd') own.set(textOf(key), f === 'd' ? null : value);
    }
    for (const [key, value] of own) {
      const versions = found.get(key) ?? [{ writer: undefined, value: null }];
      versions.push({ writer: name, value });
      found.set(key, versions);
    }
  }
  return found;
}

/** Whether an operation may return a version of a key. Keys are strings here. */
function mayShow([f, read, result]: Operation, key: string, value: unknown): boolean {
  if (f === 'r') return textOf(read) === key && isSameValue(result, value);
  if (f !== 'rp') return false;
  const shown = (result as Operation[]).find(([one]) => textOf(one) === key);
  if (shown !== undefined) return isSameValue(shown[1], value);
  return !satisfies(read, JSON.parse(key), value);
}

function* permutations(all: readonly string[]): Generator<readonly string[]> {
  if (all.length === 0) yield [];
  for (const [i, first] of all.entries()) {
    for (const rest of permutations([...all.slice(0, i), ...all.slice(i + 1)])) {
      yield [first, ...rest];
    }
  }
}
