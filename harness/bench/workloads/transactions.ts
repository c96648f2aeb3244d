/**
 * The cost of isolation for readers: the same reads without a transaction, in snapshot transactions and
 * in serializable ones (which record what they read), interleaved within one process.
 */
import { performance } from 'node:perf_hooks';
import type { BenchStore } from '../bench-store.ts';
import { Latencies } from '../latencies.ts';
import { Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf } from '../workload.ts';
import { chooseNumbers } from './points.ts';
import { warmUp } from './warm-up.ts';

const READS_MAX = 600_000;
const READS_A_TRANSACTION = 10;
const TURN_READS = 2000;
const MODES = ['plain', 'snapshot', 'serializable'] as const;
type Mode = (typeof MODES)[number];

export const transactions: BenchWorkload = {
  name: 'transactions',
  doc: 'reads without a transaction, in snapshot and in serializable ones of 10 reads',
  store: 'loaded',
  only: 'engine',
  async run(place) {
    const { job, records } = place;
    const readsWanted = operationsOf(job, READS_MAX);
    const store = await place.open();
    const numbers = chooseNumbers('uniform', readsWanted, job.records, job.seed);
    await warmUp(store, place);
    const key = Buffer.alloc(records.keyBytes);
    const keyOf = (i: number) => {
      records.keyInto(numbers[i]!, key);
      return key;
    };
    const spent: Record<Mode, number> = { plain: 0, snapshot: 0, serializable: 0 };
    const latencies = {
      plain: new Latencies(),
      snapshot: new Latencies(),
      serializable: new Latencies(),
    };
    let wrong = 0;
    const meter = new Meter();
    for (let round = 0; round < readsWanted / TURN_READS; round++) {
      for (let turn = 0; turn < MODES.length; turn++) {
        const mode = MODES[(turn + round) % MODES.length]!;
        const turnBegan = performance.now();
        for (let i = round * TURN_READS; i < (round + 1) * TURN_READS; i += READS_A_TRANSACTION) {
          const began = performance.now();
          const read = reader(store, mode);
          for (let j = i; j < i + READS_A_TRANSACTION; j++) {
            if (!records.isValue(numbers[j]!, read.get(keyOf(j)), 0)) wrong++;
          }
          await read.end();
          latencies[mode].add(began, performance.now());
        }
        spent[mode] += performance.now() - turnBegan;
      }
    }
    const { usage } = meter;
    await store.close();
    return {
      unit: 'reads',
      count: readsWanted * MODES.length,
      usage,
      latency: {
        '10 reads, no transaction': latencies.plain.summary,
        '10 reads, snapshot': latencies.snapshot.summary,
        '10 reads, serializable': latencies.serializable.summary,
      },
      wrong,
      figures: {
        plainPerSecond: (1000 * readsWanted) / spent.plain,
        snapshotPerSecond: (1000 * readsWanted) / spent.snapshot,
        serializablePerSecond: (1000 * readsWanted) / spent.serializable,
        snapshotCost: spent.snapshot / spent.plain - 1,
        serializableCost: spent.serializable / spent.plain - 1,
      },
    };
  },
};

const nothing = Promise.resolve();

function reader(store: BenchStore, mode: Mode) {
  if (mode === 'plain')
    return { get: store.get as (key: Buffer) => Uint8Array | undefined, end: () => nothing };
  const transaction = store.begin!(mode);
  return { get: (key: Buffer) => transaction.get(key), end: () => transaction.commit() };
}
