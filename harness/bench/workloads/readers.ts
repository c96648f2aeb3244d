/**
 * Several readers of one process. Each reads records at random, one after the other, and all take turns at
 * the event loop: a reader waits while others are answered. Closed loop: as fast as they go. With `--rate`
 * an open loop: the readers share a schedule, and a read's latency counts from when it was due.
 *
 * A store whose reads are synchronous answers one reader after the other; that is what its callers get.
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
          // What is still due when the time is over is left out, as in every open loop here.
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
