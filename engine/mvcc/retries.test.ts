import { describe, expect, it } from 'vitest';
import type { Clock } from '../env/clock.ts';
import { StoreError } from '../errors.ts';
import { Retries } from './retries.ts';
import type { Transaction } from './transaction.ts';

/** One register: a commit fails when another has come between. */
class Register {
  version = 0;

  begin = (): Transaction => {
    const seen = this.version;
    const transaction = {
      rollback: () => undefined,
      commit: async () => {
        if (seen !== this.version) throw new StoreError('conflict', 'another was quicker', true);
        this.version++;
      },
    };
    return transaction as unknown as Transaction;
  };
}

/** Time passes when nothing else is left to do. */
const clock: Clock = {
  wallMs: () => 0,
  monotonicMs: () => 0,
  rest: () => Promise.resolve(),
  after: (_, run) => {
    const timer = setImmediate(run);
    return { cancel: () => clearImmediate(timer) };
  },
};
const atOnce = async () => undefined;

async function slowly(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('transactions that are run again', () => {
  it('get through although others are always quicker', async () => {
    const register = new Register();
    const retries = new Retries(clock);
    let slow: 'waits' | 'is through' = 'waits';
    const quickOnes = async () => {
      let count = 0;
      for (; slow === 'waits' && count < 10_000; count++) {
        await retries.run(register.begin, () => undefined, {}, atOnce);
      }
      return count;
    };
    const quick = [quickOnes(), quickOnes()];
    await retries.run(register.begin, slowly, {}, atOnce);
    slow = 'is through';
    const counts = await Promise.all(quick);
    expect(Math.max(...counts)).toBeLessThan(1000);
    expect(Math.min(...counts)).toBeGreaterThan(8);
  });

  it('do not wait forever for the transaction that began them', async () => {
    const register = new Register();
    const other = new Register();
    const retries = new Retries(clock);
    let tries = 0;
    await retries.run(
      register.begin,
      async () => {
        if (++tries < 20) register.version++; // somebody else's
        await retries.run(other.begin, () => undefined, {}, atOnce);
      },
      {},
      atOnce,
    );
    expect(other.version).toBe(20);
  });

  it('give up after a hundred conflicts, and at once after another error', async () => {
    const register = new Register();
    const retries = new Retries(clock);
    let tries = 0;
    const losing = () => {
      tries++;
      register.version++;
    };
    const lost = retries.run(register.begin, losing, {}, atOnce);
    await expect(lost).rejects.toMatchObject({ code: 'conflict' });
    expect(tries).toBe(101);
    const failing = retries.run(register.begin, () => Promise.reject(new Error('no')), {}, atOnce);
    await expect(failing).rejects.toThrow('no');
    await retries.run(register.begin, () => undefined, {}, atOnce);
  });
});
