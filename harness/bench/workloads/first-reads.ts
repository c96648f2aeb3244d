/**
 * The first million reads without a warm-up, in a loop that never yields to the event loop. Variants: a
 * store just opened by a new process (`cold`, opening included; `cold-dropped`, with the page cache
 * dropped first), and a store that this process has just loaded (`just-loaded`).
 */
import { performance } from 'node:perf_hooks';
import type { Measured } from '../../contract/bench-record.ts';
import type { BenchStore } from '../bench-store.ts';
import { Latencies } from '../latencies.ts';
import { Curve, Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf, type Place } from '../workload.ts';
import { load } from './ingest.ts';
import { chooseNumbers } from './points.ts';
import { dropPageCache } from './reopen.ts';

const READS_MAX = 1_000_000;

export function cold(name: string, doc: string, dropped: boolean): BenchWorkload {
  return {
    name,
    doc,
    store: 'loaded',
    async run(place) {
      const pageCacheDropped = dropped && dropPageCache();
      const meter = new Meter();
      const began = performance.now();
      const store = await place.open();
      const openSeconds = (performance.now() - began) / 1000;
      const measured = readAll(store, place, meter);
      const figures = { openSeconds, pageCacheDropped: pageCacheDropped ? 1 : 0 };
      return ended(store, measured, figures);
    },
  };
}

export const justLoaded: BenchWorkload = {
  name: 'just-loaded',
  doc: 'read a million values right after loading, in the same process',
  store: 'fresh',
  async run(place) {
    const store = await place.open();
    const loaded = await load(store, place, false);
    const measured = readAll(store, place, new Meter());
    return ended(store, measured, { loadedPerSecond: loaded.count / loaded.usage.wallSeconds });
  },
};

/** Reads uniformly at random; `meter` was started at the beginning of the measured section. */
function readAll(store: BenchStore, { job, records }: Place, meter: Meter): Measured {
  const readsWanted = operationsOf(job, READS_MAX);
  const numbers = chooseNumbers('uniform', readsWanted, job.records, job.seed);
  const key = Buffer.alloc(records.keyBytes);
  const latencies = new Latencies();
  const curve = new Curve(readsWanted);
  let wrong = 0;
  let done = 0;
  const deadline = performance.now() + 1000 * job.limitSeconds;
  for (let began = performance.now(); done < readsWanted && began < deadline; done++) {
    const number = numbers[done]!;
    records.keyInto(number, key);
    if (!records.isValue(number, store.get(key), 0)) wrong++;
    const now = performance.now();
    latencies.add(began, now);
    began = now;
    curve.add(1);
  }
  return {
    unit: 'reads',
    count: done,
    usage: meter.usage,
    latency: { read: latencies.summary },
    curve: curve.rates,
    wrong,
    cutShort: done < readsWanted,
    figures: { recordsRead: done },
  };
}

async function ended(
  store: BenchStore,
  measured: Measured,
  figures: Record<string, number>,
): Promise<Measured> {
  const all = {
    ...measured,
    figures: { ...figures, ...measured.figures, ...store.figures() },
  };
  await store.close();
  return all;
}
