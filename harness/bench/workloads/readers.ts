/**
 * Several concurrent readers in one process. Each reads random records, one after the other; they take
 * turns at the event loop. Closed loop: as fast as they go. With `--rate`, an open loop: the readers
 * share a schedule, and latency counts from the instant a read was due.
 *
 * A store with synchronous reads serves one reader at a time; that is what its callers experience.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Zipf } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import { LatencyOverTime } from '../latency-over-time.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload } from '../workload.ts';
import { warmUp } from './warm-up.ts';

const PROGRESS_EVERY = 50_000;

export function readers(name: string, doc: string, clients: number): BenchWorkload {
  return {
    name,
    doc,
    store: 'loaded',
    async run(place) {
      const { job, records } = place;
      const store = await place.open();
      await warmUp(store, place);
      const latencies = new LatencyOverTime();
      const gapMs = job.rate === undefined ? 0 : 1000 / job.rate;
      let wrong = 0;
      let done = 0;
      const meter = new Meter();
      const began = performance.now();
      const end = began + 1000 * job.seconds;
      let nextDue = began;
      const reader = async (_: unknown, own: number) => {
        const keys = new Zipf(job.records, new Prng(job.seed).derive(`${name}/${own}`));
        const key = Buffer.alloc(records.keyBytes);
        for (let ready = began; ready < end; ) {
          const due = gapMs === 0 ? ready : nextDue;
          nextDue += gapMs;
          do await turn();
          while (performance.now() < due);
          // Reads still due at the end are dropped, as in every open loop here.
          if (performance.now() >= end) return;
          const number = keys.next();
          records.keyInto(number, key);
          const value = store.get(key);
          if (!records.isValue(number, value, 0)) wrong++;
          ready = performance.now();
          latencies.add(due, ready);
          if (++done % PROGRESS_EVERY === 0) place.progress((ready - began) / (end - began));
        }
      };
      await Promise.all(Array.from({ length: clients }, reader));
      const { usage } = meter;
      const rate = job.rate === undefined ? {} : { askedPerSecond: job.rate };
      const figures = { ...store.figures(), ...rate, readers: clients, recordsRead: done };
      await store.close();
      return {
        unit: 'reads',
        count: done,
        usage,
        latency: { read: latencies.summary },
        wrong,
        figures,
      };
    },
  };
}
