/**
 * Lock set: a set in one record, read, changed and written under a lock. A client that still
 * believes it holds an expired lock overwrites what others added, unless the write is fenced.
 */
import type { AddGroup, SetRead } from '../contract/operation-values.ts';
import type { LockSession, Session } from '../contract/target.ts';
import { defineWorkload } from '../contract/workload.ts';

const KEY = 'locked-set';

export default defineWorkload({
  name: 'lock-set',
  doc: 'adds elements to a record under a lock; fenced=1 writes only while it is held',
  needs: ['locks'],
  options: { fenced: 0, holdReads: 30 },
  create({ fenced = 0, holdReads = 30 }) {
    const add = async (locks: LockSession, element: number) => {
      const lock = await locks.acquire('set');
      try {
        const before = await read(locks);
        // What takes time while a lock is held.
        for (let i = 0; i < holdReads; i++) await locks.get(KEY);
        const text = JSON.stringify([...before, element]);
        if (fenced > 0) await lock.putFenced(KEY, text);
        else await lock.put(KEY, text);
      } finally {
        await lock.release().catch(() => undefined); // the lease ends by itself
      }
    };
    return {
      setup: async () => undefined,
      next: ({ sequence }) => ({
        f: 'add',
        value: { group: sequence, size: 1 } satisfies AddGroup,
      }),
      async invoke(session, { f, value }): Promise<SetRead | null> {
        const locks = locksOf(session);
        if (f === 'read') return (await read(locks)).map((element) => [element, 1] as const);
        await add(locks, (value as AddGroup).group);
        return null;
      },
      finalReads: [{ f: 'read', value: null }],
    };
  },
});

async function read(locks: LockSession): Promise<readonly number[]> {
  const text = await locks.get(KEY);
  return text === undefined ? [] : (JSON.parse(text) as number[]);
}

function locksOf(session: Session): LockSession {
  if (session.locks === undefined) throw new Error('the target offers no locks');
  return session.locks;
}
