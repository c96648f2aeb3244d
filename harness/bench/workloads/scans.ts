/** Range reads of 100 records from random places, upwards or downwards. */
import { performance } from 'node:perf_hooks';
import { Curve, Latencies, Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf } from '../workload.ts';
import { chooseNumbers } from './points.ts';
import { warmUp } from './warm-up.ts';

const SCANS_MAX = 50_000;
const LENGTH = 100;

export function scans(name: string, doc: string, reverse: boolean): BenchWorkload {
  return {
    name,
    doc,
    store: 'loaded',
    async run(place) {
      const { job, records } = place;
      const scansWanted = operationsOf(job, SCANS_MAX);
      const store = await place.open();
      const numbers = chooseNumbers('uniform', scansWanted, job.records, job.seed);
      await warmUp(store, place);
      const from = Buffer.alloc(records.keyBytes);
      const latencies = new Latencies();
      const curve = new Curve(scansWanted);
      let wrong = 0;
      let previous: Uint8Array = from;
      const visit = (key: Uint8Array, value: Uint8Array) => {
        if (!records.isValue(records.numberOf(value), value)) wrong++;
        if (previous !== from && Buffer.compare(key, previous) > 0 === reverse) wrong++;
        previous = key;
      };
      let done = 0;
      const meter = new Meter();
      const deadline = performance.now() + 1000 * job.limitSeconds;
      for (let began = performance.now(); done < scansWanted && began < deadline; done++) {
        records.keyInto(numbers[done]!, from);
        previous = from;
        const scanned = store.scan(from, LENGTH, reverse, visit);
        if (scanned !== undefined) await scanned;
        const ended = performance.now();
        latencies.add(began, ended);
        began = ended;
        curve.add(1);
      }
      const { usage } = meter;
      const figures = store.figures();
      await store.close();
      return {
        unit: 'scans',
        count: done,
        usage,
        latency: { scan: latencies.summary },
        curve: curve.rates,
        wrong,
        cutShort: done < scansWanted,
        figures,
      };
    },
  };
}
