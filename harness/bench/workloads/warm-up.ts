/**
 * Warm-up: reads until the store's cache and the JIT compiler have settled. Reads every record once in
 * key order as far as time allows, then random ones for at least a fifth of that time. An index that is
 * loaded in the background is ready by then. Yields to the event loop meanwhile.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Uniform } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import type { BenchStore } from '../bench-store.ts';
import { operationsOf, type Place } from '../workload.ts';

const RANDOM_READS = 300_000;
const SCAN_PAGE = 1000;
const SECONDS_MIN = 10;
/** Reads between two turns of the event loop, where the store's background work can run. */
const TURN_EVERY = 1000;
const RECORDS_A_SECOND = 1_000_000;
const RANDOM_SHARE = 0.2;

export async function warmUp(store: BenchStore, { job, records }: Place): Promise<void> {
  const seconds = Math.max(SECONDS_MIN, job.records / RECORDS_A_SECOND);
  const deadline = performance.now() + 1000 * seconds;
  let last: Uint8Array | undefined = Buffer.alloc(records.keyBytes);
  while (last !== undefined && performance.now() < deadline) {
    const from: Buffer = Buffer.from(last);
    last = undefined;
    let seen = 0;
    const scanned = store.scan(from, SCAN_PAGE, false, (key) => {
      if (++seen > 1) last = key;
    });
    if (scanned !== undefined) await scanned;
    if (last !== undefined) last = Buffer.from(last);
    await turn();
  }
  const draw = new Uniform(job.records, new Prng(job.seed).derive('warm-up'));
  const key = Buffer.alloc(records.keyBytes);
  const reads = operationsOf(job, RANDOM_READS);
  const least = performance.now() + 1000 * RANDOM_SHARE * (job.records / RECORDS_A_SECOND);
  const most = Math.max(deadline, least);
  const isWarm = (i: number) => {
    const now = performance.now();
    return now > most || (i >= reads && now > least);
  };
  for (let i = 0; !isWarm(i); i++) {
    records.keyInto(draw.next(), key);
    store.get(key);
    store.view?.(key);
    if (i % TURN_EVERY === 0) await turn();
  }
}
