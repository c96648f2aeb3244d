/**
 * Watch: writes of unique values to a few keys, and watches of all of them, each from where the
 * last one that ended had come to. At the end one watch from the beginning.
 */
import type { WatchOutput } from '../contract/operation-values.ts';
import { inTransaction, type Session } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const PREFIX = 'watch/';
/** A watch ends when it sees its own write of this key. */
const MARK_KEY = `${PREFIX}mark`;

export default defineWorkload({
  name: 'watch',
  doc: 'writes of unique values, and watches that must show all of them in one order',
  needs: ['watches'],
  options: { keys: 5 },
  create({ keys = 5 }) {
    let seenUpTo = 0;
    const watch = async (session: Session, mark: string, from: number): Promise<WatchOutput> => {
      const { watches } = session;
      if (watches === undefined) throw new Error('the target offers no watches');
      await put(session, MARK_KEY, mark);
      const events = await watches.collect(PREFIX, from, ({ value }) => value === mark);
      seenUpTo = Math.max(seenUpTo, events.at(-1)?.revision ?? 0);
      return { from, events: events.map(({ revision, key, value }) => [revision, key, value]) };
    };
    return {
      setup: async () => undefined,
      next({ random, sequence }) {
        if (random.chance(0.2)) return { f: 'watch', value: `mark ${sequence}` };
        const key = `${PREFIX}${random.below(keys)}`;
        return { f: 'write', value: { key, value: `value ${sequence}` } };
      },
      async invoke(session, { f, value }): Promise<unknown> {
        if (f === 'watch') return watch(session, value as string, seenUpTo + 1);
        if (f === 'watch-all') return watch(session, 'the last mark', 1);
        const write = value as { key: string; value: string };
        await put(session, write.key, write.value);
        return null;
      },
      finalReads: [{ f: 'watch-all', value: null }],
    };
  },
});

function put(session: Session, key: string, value: string): Promise<void> {
  return inTransaction(session, (transaction) => transaction.put(key, value));
}
