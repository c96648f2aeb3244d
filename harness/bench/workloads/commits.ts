/** Durable commits of one record each, by one writer or by many at once, on a loaded store. */
import { performance } from 'node:perf_hooks';
import { Uniform } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import { Versions } from '../checks/versions.ts';
import { LatencyOverTime } from '../latency-over-time.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload } from '../workload.ts';

const WARM_UP_COMMITS = 500;

export function commits(name: string, doc: string, writers: number): BenchWorkload {
  return {
    name,
    doc,
    store: 'changed',
    durable: true,
    async run(place) {
      const { job, records } = place;
      const store = await place.open();
      const draw = new Uniform(job.records, new Prng(job.seed).derive(name));
      let latencies = new LatencyOverTime();
      let measuring = false;
      let done = 0;
      let newest = 0;
      let left = WARM_UP_COMMITS;
      let deadline = 0;
      const versions = new Versions(place);
      const atOnce = store.concurrentWriters ? writers : 1;
      const client = async (_: unknown, own: number) => {
        const key = Buffer.alloc(records.keyBytes);
        const cell = records.cell();
        while (measuring ? performance.now() < deadline : left-- > 0) {
          // No two clients write the same record: otherwise the last version would be ambiguous.
          const number = atOnce * Math.floor(draw.next() / atOnce) + own;
          if (number >= job.records) continue;
          const began = performance.now();
          records.keyInto(number, key);
          const version = ++newest;
          records.valueInto(number, version, cell);
          const written = store.putDurable(key, cell.bytes);
          if (written !== undefined) await written;
          latencies.add(began, performance.now());
          versions.acknowledged(number, version);
          done++;
          if (measuring && done % 1000 === 0) {
            place.progress(1 - (deadline - performance.now()) / (1000 * job.seconds));
          }
        }
      };
      const everyone = () => Promise.all(Array.from({ length: atOnce }, client));
      await everyone();
      latencies = new LatencyOverTime();
      done = 0;
      measuring = true;
      const meter = new Meter();
      deadline = performance.now() + 1000 * job.seconds;
      await everyone();
      const { usage } = meter;
      const figures = { ...store.figures(), writersAtOnce: atOnce, recordsWritten: done };
      await store.close();
      const { readBack, wrong } = await versions.readBack();
      return {
        unit: 'commits',
        count: done,
        usage,
        latency: { commit: latencies.summary },
        wrong,
        figures: { ...figures, readBack },
      };
    },
  };
}
