/**
 * Operation: one step of a workload that the explorer enumerates, after CrashMonkey's ACE (Mohan et
 * al., OSDI 2018): few operations on few keys, because most crash bugs need no more than three.
 */
import type { Change } from '../sim/direct-store.ts';

export interface Operation {
  readonly name: string;
  /**
   * Commits that it makes, in the order it issues them, all before it waits for the first. `token`
   * makes the values of this place in the workload its own.
   */
  readonly commits?: (token: string) => readonly (readonly Change[])[];
  readonly act?: 'checkpoint' | 'compact' | 'reopen' | 'kill' | 'hold' | 'wait';
}

const BIG_BYTES = 1500;

function big(token: string): string {
  return token.padEnd(BIG_BYTES, `${token} `);
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'put-a', commits: (token) => [[['a', token]]] },
  { name: 'put-b', commits: (token) => [[['b', token]]] },
  { name: 'delete-a', commits: () => [[['a', null]]] },
  {
    name: 'put-a-and-b',
    commits: (token) => [
      [
        ['a', token],
        ['b', token],
      ],
    ],
  },
  {
    name: 'move-b-to-a',
    commits: (token) => [
      [
        ['b', null],
        ['a', token],
      ],
    ],
  },
  // Two of these do not fit the smallest segment: the log has to go on to the next.
  { name: 'put-big', commits: (token) => [[['big', big(token)]]] },
  { name: 'put-a-beside-b', commits: (token) => [[['a', token]], [['b', token]]] },
  { name: 'checkpoint', act: 'checkpoint' },
  { name: 'compact', act: 'compact' },
  { name: 'reopen', act: 'reopen' },
  { name: 'kill', act: 'kill' },
  // Reads now, and must read the same whenever the workload has ended.
  { name: 'hold-snapshot', act: 'hold' },
  // Timers go off: the log's mark is written, what waits for a pause happens.
  { name: 'wait', act: 'wait' },
];

/** What the store holds before the workload begins; made by operations that are not crashed. */
export const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  empty: [],
  flushed: ['put-a-and-b', 'checkpoint', 'put-b'],
};

export interface Workload {
  readonly beginning: string;
  readonly operations: readonly Operation[];
}

export function nameOf({ beginning, operations }: Workload): string {
  return `${beginning}: ${operations.map(({ name }) => name).join(', ')}`;
}

/** Throws an Error that lists the known operations. */
export function operationNamed(name: string): Operation {
  const found = OPERATIONS.find((operation) => operation.name === name);
  if (found !== undefined) return found;
  const known = OPERATIONS.map((operation) => operation.name).join(', ');
  throw new Error(`There is no operation ${name}; there are ${known}.`);
}

/** `empty: put-a, kill` as a workload. Throws an Error that says what is wrong. */
export function workloadOf(text: string): Workload {
  const [beginning = '', rest = ''] = text.split(':', 2).map((part) => part.trim());
  if (BEGINNINGS[beginning] === undefined) {
    const known = Object.keys(BEGINNINGS).join(' and ');
    throw new Error(`A workload begins with ${known}, as in "empty: put-a, kill"; not "${text}".`);
  }
  const names = rest.split(',').map((name) => name.trim());
  return { beginning, operations: names.map(operationNamed) };
}

/** Every workload of exactly `length` operations, in a fixed order. */
export function* workloadsOf(length: number): Generator<Workload> {
  for (const beginning of Object.keys(BEGINNINGS)) {
    for (const operations of sequences(length)) yield { beginning, operations };
  }
}

function* sequences(length: number): Generator<readonly Operation[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (const before of sequences(length - 1)) {
    for (const operation of OPERATIONS) yield [...before, operation];
  }
}
