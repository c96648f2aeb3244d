/**
 * Tests every checker that a small store has a workload for: it accepts a store that runs one
 * transaction after the other, and accuses one that forgets commits or does not keep transactions
 * apart. Checkers whose workloads need more of a store are tried by the known histories.
 */
import type { Checker } from '../contract/checker.ts';
import type { Session, Store, Transaction } from '../contract/target.ts';
import type { Validity } from '../contract/verdict.ts';
import type { Workload } from '../contract/workload.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { smallTarget } from '../simulation/sim/small/small-target.ts';

export interface Accuser {
  readonly checker: Checker;
  readonly workload: Workload;
  readonly workloadOptions: Readonly<Record<string, number>>;
}

export type Judged = (target: SimulatedTarget, accuser: Accuser) => Promise<Validity>;

/** Every n-th commit is acknowledged and not done. */
const FORGETS_EVERY = 5;

/** What is read by a range and missing later shows only where transactions are not kept apart. */
const NEEDS_OVERLAP: readonly string[] = ['seats-bound'];

export async function tryChecker(accuser: Accuser, judged: Judged): Promise<string | undefined> {
  const clean = await judged(storesMade(oneAfterTheOther), accuser);
  if (clean !== 'valid') return `finds a store that keeps its promises ${clean}`;
  const overlaps = NEEDS_OVERLAP.includes(accuser.checker.name);
  const faulty = overlaps
    ? smallTarget()
    : storesMade((store) => forgetful(oneAfterTheOther(store)));
  const found = await judged(faulty, accuser);
  const what = overlaps ? 'that does not keep transactions apart' : 'that forgets commits';
  return found === 'invalid' ? undefined : `finds a store ${what} ${found}`;
}

function storesMade(make: (store: Store) => Store): SimulatedTarget {
  const small = smallTarget();
  return { ...small, open: async (...args) => make(await small.open(...args)) };
}

type Begins = (begin: () => Promise<Transaction>) => Promise<Transaction>;

function withBegin(store: Store, begins: Begins): Store {
  const around = (session: Session): Session => ({
    ...session,
    begin: () => begins(() => session.begin()),
  });
  return { ...store, connect: async () => around(await store.connect()) };
}

function oneAfterTheOther(store: Store): Store {
  let last: Promise<unknown> = Promise.resolve();
  return withBegin(store, async (begin) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    const transaction = await begin();
    return {
      ...transaction,
      commit: () => transaction.commit().finally(resolve),
      rollback: () => transaction.rollback().finally(resolve),
    };
  });
}

function forgetful(store: Store): Store {
  let commits = 0;
  return withBegin(store, async (begin) => {
    const transaction = await begin();
    let writes = false;
    return {
      ...transaction,
      put(key, value) {
        writes = true;
        return transaction.put(key, value);
      },
      delete(key) {
        writes = true;
        return transaction.delete(key);
      },
      commit() {
        const forgets = writes && ++commits % FORGETS_EVERY === 0;
        return forgets ? transaction.rollback() : transaction.commit();
      },
    };
  });
}
