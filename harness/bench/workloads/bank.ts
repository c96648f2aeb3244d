/** Transfers between accounts by 16 clients at once, each one a durable transaction. */
import { performance } from 'node:perf_hooks';
import { Zipf } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import type { BenchStore } from '../bench-store.ts';
import { Latencies } from '../latencies.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload } from '../workload.ts';

const ACCOUNTS = 10_000;
const CLIENTS = 16;
const BALANCE = 1000;

export const bank: BenchWorkload = {
  name: 'bank',
  doc: 'durable transfers between 10,000 accounts by 16 clients at once, Zipf',
  store: 'fresh',
  durable: true,
  only: 'engine',
  async run(place) {
    const { job } = place;
    const store = await place.open();
    const transact = store.transact!;
    await transact((transaction) => {
      for (let i = 0; i < ACCOUNTS; i++) transaction.put(account(i), amount(BALANCE));
    });
    const latencies = new Latencies();
    let done = 0;
    const meter = new Meter();
    const end = performance.now() + 1000 * job.seconds;
    const client = async (_: unknown, number: number) => {
      const draw = new Zipf(ACCOUNTS, new Prng(job.seed).derive(`client ${number}`));
      while (performance.now() < end) {
        const from = draw.next();
        const to = draw.next();
        if (from === to) continue;
        const began = performance.now();
        await transact((transaction) => {
          const left = balance(transaction.get(account(from)));
          if (left === 0) return;
          transaction.put(account(from), amount(left - 1));
          transaction.put(account(to), amount(balance(transaction.get(account(to))) + 1));
        });
        latencies.add(began, performance.now());
        if (++done % 5000 === 0)
          place.progress(1 - (end - performance.now()) / (1000 * job.seconds));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const { usage } = meter;
    const total = (bank: BenchStore) => {
      let sum = 0;
      for (let i = 0; i < ACCOUNTS; i++) sum += balance(bank.get(account(i)));
      return sum;
    };
    const before = total(store);
    const figures = store.figures();
    await store.close();
    const again = await place.open();
    const wrong = before === ACCOUNTS * BALANCE && total(again) === before ? 0 : 1;
    await again.close();
    const latency = { transfer: latencies.summary };
    return { unit: 'transfers', count: done, usage, latency, wrong, figures };
  },
};

function account(number: number): Buffer {
  const key = Buffer.alloc(8);
  key.writeDoubleBE(number);
  return key;
}

function amount(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

function balance(bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
}
