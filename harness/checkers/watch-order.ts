/**
 * Watch order: all watches tell one story. The longest one is the reference; every other must show
 * exactly its part of it.
 *
 * - out of order: a revision at or below the one before it, in one watch
 * - differing: a revision that another watch shows with another write
 * - dropped: a write within a watch's stretch that the reference shows and it does not
 * - lost: a write that was acknowledged before the reference began, and is not in it
 * - made up: an event of a write that was never sent
 */
import { defineChecker, verdictOf } from '../contract/checker.ts';
import type { Operation } from '../contract/history.ts';
import type { WatchOutput } from '../contract/operation-values.ts';

const KINDS = ['out-of-order', 'differing', 'dropped', 'lost', 'made-up'] as const;

interface Fault {
  readonly reason: string;
  readonly index: number;
  readonly kind: (typeof KINDS)[number];
}

/** Written by watches themselves, to know where to stop. */
const MARK_KEY = 'watch/mark';

export default defineChecker({
  name: 'watch-order',
  kinds: KINDS,
  doc: 'watches show every write once, in one order, with no gaps',
  check(operations) {
    const watches = operations.filter(({ f, type }) => f.startsWith('watch') && type === 'ok');
    const counts = { watches: watches.length };
    const reference = watches.reduce<Operation | undefined>(
      (best, one) => (best === undefined || lengthOf(one) >= lengthOf(best) ? one : best),
      undefined,
    );
    if (reference === undefined) return verdictOf('watch-order', [], counts, 0);
    const story = new Map(eventsOf(reference).map((event) => [event[0], event] as const));
    const faults = [
      ...watches.flatMap(outOfOrder),
      ...watches.flatMap((watch) => [...differing(watch, story)]),
      ...lostOrMadeUp(operations, reference),
    ];
    return verdictOf('watch-order', faults, { ...counts, events: story.size }, story.size);
  },
});

const eventsOf = ({ output }: Operation) => (output as WatchOutput).events;
const lengthOf = (watch: Operation) => eventsOf(watch).length;

function outOfOrder(watch: Operation): Fault[] {
  return eventsOf(watch).flatMap(([revision], i, all) => {
    const before = all[i - 1]?.[0] ?? 0;
    if (revision > before) return [];
    const reason = `a watch shows revision ${revision} after ${before}`;
    return [{ reason, index: watch.completedIndex, kind: 'out-of-order' }];
  });
}

function* differing(
  watch: Operation,
  story: ReadonlyMap<number, WatchOutput['events'][number]>,
): Generator<Fault> {
  const { from } = watch.output as WatchOutput;
  const index = watch.completedIndex;
  const seen = new Set<number>();
  for (const [revision, key, value] of eventsOf(watch)) {
    seen.add(revision);
    const told = story.get(revision);
    if (told === undefined || told[1] !== key || told[2] !== value) {
      const other = told === undefined ? 'nothing' : `${told[1]} = ${told[2]}`;
      yield {
        reason: `at revision ${revision} one watch shows ${key} = ${value}, another ${other}`,
        index,
        kind: 'differing',
      };
    }
  }
  const last = eventsOf(watch).at(-1)?.[0] ?? 0;
  for (const [revision, [, key, value]] of story) {
    if (revision < from || revision > last || seen.has(revision)) continue;
    yield {
      reason: `a watch from ${from} to ${last} dropped revision ${revision}, ${key} = ${value}`,
      index,
      kind: 'dropped',
    };
  }
}

function* lostOrMadeUp(operations: readonly Operation[], reference: Operation): Generator<Fault> {
  const shown = new Set(eventsOf(reference).map(([, , value]) => value));
  const sent = new Set<string>();
  for (const { f, type, input, completedIndex, invokedIndex } of operations) {
    if (f !== 'write') continue;
    const { value } = input as { value: string };
    if (type !== 'fail') sent.add(value);
    if (type === 'ok' && completedIndex < reference.invokedIndex && !shown.has(value)) {
      yield {
        reason: `the write of ${value} was acknowledged and no watch shows it`,
        index: invokedIndex,
        kind: 'lost',
      };
    }
  }
  for (const [revision, key, value] of eventsOf(reference)) {
    if (key === MARK_KEY || sent.has(value)) continue;
    const index = reference.completedIndex;
    const reason = `revision ${revision} shows ${value}, a value that was never written`;
    yield { reason, index, kind: 'made-up' };
  }
}
