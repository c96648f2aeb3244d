/**
 * Tests that retried transactions are fair: a transaction of many milliseconds on a hot key must commit
 * although quick ones change that key all the time, after a bounded number of conflicts.
 */
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { Scheduler } from '../../simulation/sim/scheduler.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { scheduledWorld } from '../../simulation/sim/world.ts';
import { DIRECTORY } from '../simulation.ts';

const QUICK_CLIENTS = 4;
const QUICK_MS = 1;
const SLOW_MS = 10;
const SLOW_COMMITS = 5;
/** A quick transaction commits during nearly every try of the slow one, until it is let through. */
const TRIES_MAX = 30;
const KEY = 'hot';

/** Returns a description of the problem, or undefined. */
export async function fairnessProblem(
  target: SimulatedTarget,
  settings: Settings,
  seed: number,
): Promise<string | undefined> {
  const random = new Prng(seed).derive('fairness');
  const scheduler = new Scheduler(random.derive('scheduler'));
  const { env } = scheduledWorld(target, { scheduler, random });
  const contend = async (): Promise<string | undefined> => {
    const store = await target.openDirect(env, DIRECTORY, settings);
    let isOver = false;
    let commits = 0;
    let triesMost = 0;
    const increment = async (ms: number) => {
      let tries = 0;
      await store.transact(async (transaction) => {
        tries++;
        const before = Number(transaction.get(KEY) ?? 0);
        await scheduler.sleep(ms);
        transaction.write([KEY, String(before + 1)]);
      });
      commits++;
      return tries;
    };
    const quick = async () => {
      while (!isOver) await increment(QUICK_MS);
    };
    const slow = async () => {
      try {
        for (let i = 0; i < SLOW_COMMITS; i++) {
          triesMost = Math.max(triesMost, await increment(SLOW_MS));
        }
      } finally {
        isOver = true;
      }
    };
    await Promise.all([slow(), ...Array.from({ length: QUICK_CLIENTS }, quick)]);
    const total = Number(store.read().find(([key]) => key === KEY)?.[1]);
    await store.close();
    if (total !== commits) return `${commits} increments were committed, and the sum is ${total}`;
    if (triesMost <= TRIES_MAX) return undefined;
    return `a transaction of ${SLOW_MS} ms was tried ${triesMost} times, over ${TRIES_MAX}`;
  };
  try {
    return await scheduler.runUntil(contend());
  } catch (error) {
    return `with transactions of different lengths: ${(error as Error)?.message ?? error}`;
  }
}
