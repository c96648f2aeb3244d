/** Levels and witnesses against the definitions; and that a broken witness proves nothing. */
import { describe, expect, it } from 'vitest';
import { checkRecorded, compareWithDefinition } from './differential.ts';
import type { Kind, Operation, Recorded, RecordedTransaction } from './recorded.ts';
import { smallHistory } from './small-histories.ts';
import { verifyWitness } from './verify.ts';

/** ASSAY_TEST_FUZZ=100000 is what a night takes, from a seed of its own; a failure names its seed. */
const HISTORIES = Number(process.env.ASSAY_TEST_FUZZ ?? 2000);
const KINDS: readonly Kind[] = ['list-append', 'rw-register', 'predicate'];
const FIRST_SEED = Number(process.env.ASSAY_TEST_SEED ?? 1);

describe('every level, as the checkers decide it', () => {
  it.each(KINDS)(
    'agrees with its definition and has a witness: %s',
    (kind) => {
      const seen = new Map<string, number>();
      const size = Math.ceil(HISTORIES / KINDS.length);
      for (let seed = FIRST_SEED; seed < FIRST_SEED + size; seed++) {
        const recorded = smallHistory(kind, seed);
        const differences = compareWithDefinition(recorded, seen);
        expect(differences, `seed ${seed}: ${JSON.stringify(recorded.transactions)}`).toEqual([]);
      }
      for (const level of ['read-atomic', 'causal', 'snapshot-isolation', 'strict-serializable']) {
        expect(
          Math.min(seen.get(`${level} holds`)!, seen.get(`${level} violated`)!),
        ).toBeGreaterThan(9);
      }
    },
    3_600_000,
  );
});

const recorded = (
  kind: Kind,
  ...all: (Operation[] | Partial<RecordedTransaction>)[]
): Recorded => ({
  kind,
  hasRealTime: true,
  initial: undefined,
  transactions: all.map((one, i) => ({
    name: `T${i}`,
    process: i,
    status: 'ok',
    invoked: 2 * i,
    completed: 2 * i + 1,
    operations: [],
    ...(Array.isArray(one) ? { operations: one } : one),
  })),
});
const verify = (history: Recorded, level: string, ...order: string[]) =>
  verifyWitness(history, { level, order });

describe('a witness', () => {
  const failed = { status: 'fail', operations: [['w', 'x', 9]] } as const;
  const history = recorded('rw-register', [['w', 'x', 1]], [['r', 'x', 1]], failed);

  it('proves its level, and only in an order that the definition allows', () => {
    expect(verify(history, 'strict-serializable', 'T0', 'T1')).toBeUndefined();
    expect(verify(history, 'serializable', 'T1', 'T0')).toContain('T1 could not read');
    expect(verify(history, 'strict-serializable', 'T1', 'T0')).toContain('must see');
    expect(verify(history, 'read-committed', 'T1', 'T0')).toContain('commits later');
  });

  it('that leaves out, repeats or makes up a transaction, or holds a failed one, is refused', () => {
    expect(verify(history, 'serializable', 'T0')).toBe('T1 is missing');
    expect(verify(history, 'serializable', 'T0', 'T1', 'T0')).toContain('comes twice');
    expect(verify(history, 'serializable', 'T0', 'T1', 'T8')).toContain('no transaction');
    expect(verify(history, 'serializable', 'T0', 'T1', 'T2')).toBe('T2 failed');
    expect(verify(history, 'fast', 'T0', 'T1')).toContain('no level');
  });

  it('must hold what completed transactions read, its outcome known or not', () => {
    const info = { status: 'info', completed: Number.POSITIVE_INFINITY } as const;
    const seen = recorded('rw-register', { ...info, operations: [['w', 'x', 1]] }, [['r', 'x', 1]]);
    expect(verify(seen, 'pram', 'T1')).toContain('T0, which is missing');
    expect(verify(seen, 'pram', 'T0', 'T1')).toBeUndefined();
  });

  it('must agree with sessions and real time where the level does', () => {
    const stale = recorded('rw-register', [['w', 'x', 1]], [['r', 'x', null]]);
    expect(verify(stale, 'serializable', 'T1', 'T0')).toBeUndefined();
    expect(verify(stale, 'strict-serializable', 'T1', 'T0')).toContain('must see');
    const own = {
      ...stale,
      transactions: stale.transactions.map((one) => ({ ...one, process: 0 })),
    };
    expect(verify(own, 'strong-session-serializable', 'T1', 'T0')).toContain('in its session');
    expect(verify({ ...stale, hasRealTime: false }, 'strict-serializable', 'T1', 'T0')).toContain(
      'no real time',
    );
  });

  it('of snapshot isolation lets writes skew, and no update get lost', () => {
    const skew = recorded(
      'rw-register',
      [
        ['r', 'x', null],
        ['w', 'y', 1],
      ],
      [
        ['r', 'y', null],
        ['w', 'x', 1],
      ],
    );
    expect(verify(skew, 'snapshot-isolation', 'T0', 'T1')).toBeUndefined();
    expect(verify(skew, 'serializable', 'T0', 'T1')).toContain('could not read');
    const lost = recorded(
      'rw-register',
      [
        ['r', 'x', null],
        ['w', 'x', 1],
      ],
      [
        ['r', 'x', null],
        ['w', 'x', 2],
      ],
    );
    expect(verify(lost, 'snapshot-isolation', 'T0', 'T1')).toContain('could not read');
    expect(verify(lost, 'prefix', 'T0', 'T1')).toBeUndefined();
  });

  it('broken in any one place is refused where the place matters', () => {
    const refused: string[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const small = smallHistory('list-append', seed);
      const order = checkRecorded(small).witnesses.get('serializable')?.order();
      if (order === undefined || order.length < 2) continue;
      const swapped = [...order.slice(1), order[0]!];
      const fault = verifyWitness(small, { level: 'serializable', order: swapped });
      if (fault !== undefined) refused.push(fault);
      const cut = verifyWitness(small, { level: 'serializable', order: order.slice(1) });
      const isSure = small.transactions.some(
        ({ name, status }) => name === order[0] && status === 'ok',
      );
      if (isSure) expect(cut).toBeDefined();
    }
    expect(refused.length).toBeGreaterThan(50);
  });
});
