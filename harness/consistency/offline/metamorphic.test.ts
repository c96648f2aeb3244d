/**
 * Changes of a history that must not change its verdict: other values and other keys of the same
 * order, other names of processes, maps written in another order, another format.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact } from '../../contract/exact-number.ts';
import type { EventType, HistoryEvent } from '../../contract/history.ts';
import { HistorySource } from '../../history/read-history.ts';
import { writeEvent } from '../../history/write-history.ts';
import { checkHistory } from './check-history.ts';

type Step = readonly [process: number, f: number, value: number, outcome: number];

const OUTCOMES: readonly EventType[] = ['ok', 'ok', 'ok', 'ok', 'info', 'fail'];
const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(3), fc.nat(OUTCOMES.length - 1)), {
  minLength: 4,
  maxLength: 14,
});

/** Functions of a workload, with what each carries in and gives back. */
type Make = (value: number) => readonly [f: string, input: unknown, output: unknown];

const WORKLOADS: Readonly<Record<string, readonly Make[]>> = {
  register: [
    (n) => ['write', n, n],
    (n) => ['read', null, n === 0 ? null : n],
    (n) => ['cas', [n, n + 1], [n, n + 1]],
    (n) => ['read', null, n],
  ],
  'set-full': [
    (n) => ['add', n, n],
    (n) => ['read', null, new Set([n, n + 1])],
    (n) => ['read', null, new Set(Array.from({ length: n }, (_, i) => i))],
    (n) => ['add', n + 1, n + 1],
  ],
  'total-queue': [
    (n) => ['enqueue', n, n],
    (n) => ['dequeue', null, n],
    (n) => ['drain', null, n > 1 ? [] : [n]],
    (n) => ['enqueue', n + 1, n + 1],
  ],
  'unique-ids': [
    (n) => ['generate', null, n],
    (n) => ['generate', null, n + 10],
    (n) => ['generate', null, n + 20],
    (n) => ['generate', null, n + 30],
  ],
  'list-append': [
    (n) => ['txn', [['append', 0, n]], [['append', 0, n]]],
    (n) => ['txn', [['append', 1, n + 4]], [['append', 1, n + 4]]],
    (n) => ['txn', [['r', 0, null]], [['r', 0, Array.from({ length: n }, (_, i) => i)]]],
    (n) => ['txn', [['r', 1, null]], [['r', 1, n === 0 ? [] : [n + 4]]]],
  ],
  'rw-register': [
    (n) => ['txn', [['w', 0, n + 1]], [['w', 0, n + 1]]],
    (n) => ['txn', [['w', 1, n + 5]], [['w', 1, n + 5]]],
    (n) => ['txn', [['r', 0, null]], [['r', 0, n === 0 ? null : n]]],
    (n) => ['txn', [['r', 1, null]], [['r', 1, n + 5]]],
  ],
  monotonic: [
    (n) => ['read', null, n],
    (n) => ['read', null, n + 1],
    (n) => ['read', null, n + 2],
    (n) => ['inc', null, n],
  ],
};

/** Overlapping operations: a process completes what it has open before it invokes again. */
function eventsOf(all: readonly Step[], makes: readonly Make[]): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const open = new Map<number, Omit<HistoryEvent, 'index'>>();
  const complete = (process: number) => {
    const completion = open.get(process);
    if (completion !== undefined) events.push({ ...completion, index: events.length });
    open.delete(process);
  };
  for (const [process, f, value, outcome] of all) {
    complete(process);
    const [name, input, output] = makes[f]!(value);
    const type = OUTCOMES[outcome]!;
    const base = { process, f: name, timeMs: 0 };
    events.push({ ...base, index: events.length, type: 'invoke', value: input });
    open.set(process, { ...base, type, value: type === 'ok' ? output : input });
  }
  for (const process of [...open.keys()]) complete(process);
  return events;
}

const verdict = (events: readonly HistoryEvent[], workload: string, format: 'edn' | 'jsonl') => {
  const text = events.map((event) => writeEvent(event, format)).join('');
  return checkHistory(HistorySource.ofText(text), { workload }).validity;
};

/** Every number of a value, at any depth. */
function mapNumbers(value: unknown, change: (n: number) => unknown): unknown {
  if (typeof value === 'number') return change(value);
  if (Array.isArray(value)) return value.map((one) => mapNumbers(one, change));
  if (value instanceof Set) return new Set([...value].map((one) => mapNumbers(one, change)));
  return value;
}

const LARGE = 2n ** 60n;
const CHANGES: Readonly<Record<string, (n: number) => unknown>> = {
  'beyond 2^53': (n) => exact(LARGE + BigInt(n)),
  decimals: (n) => exact(BigInt(n) * 10n ** 20n + 1n, 10n ** 21n),
  ratios: (n) => exact(3n * BigInt(n) + 1n, 3n),
};
const BY_VALUE_ONLY: Readonly<Record<string, (n: number) => unknown>> = {
  keywords: (n) => `:k${n}`,
  texts: (n) => `${n}`,
  maps: (n) =>
    new Map<unknown, unknown>([
      [':id', n],
      ['in', new Map([[n, [n]]])],
    ]),
};

describe.each(Object.keys(WORKLOADS))('the verdict of a %s history', (workload) => {
  const makes = WORKLOADS[workload]!;
  const changes = workload === 'monotonic' ? CHANGES : { ...CHANGES, ...BY_VALUE_ONLY };

  it.each(Object.keys(changes))('is the same with %s as values', (name) => {
    fc.assert(
      fc.property(steps, (all) => {
        const events = eventsOf(all, makes);
        const changed = events.map((event) => ({
          ...event,
          value: mapNumbers(event.value, changes[name]!),
        }));
        const expected = verdict(events, workload, 'edn');
        expect(verdict(changed, workload, 'edn')).toBe(expected);
        expect(verdict(changed, workload, 'jsonl')).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same with other processes', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const events = eventsOf(all, makes);
        const renamed = events.map((event) => ({ ...event, process: 7 - 3 * event.process }));
        expect(verdict(renamed, workload, 'jsonl')).toBe(verdict(events, workload, 'jsonl'));
      }),
      { numRuns: 60 },
    );
  });
});
