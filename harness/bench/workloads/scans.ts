/** Range scans of 100 records from random keys, ascending or descending. */
import { performance } from 'node:perf_hooks';
import { ScanCheck } from '../checks/scan-check.ts';
import { Latencies } from '../latencies.ts';
import { Curve, Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf } from '../workload.ts';
import { chooseNumbers } from './points.ts';
import { warmUp } from './warm-up.ts';

const SCANS_MAX = 50_000;
const SCANS_MIN = 2000;
/** At most this number of scans per record, for small stores. */
const SCANS_A_RECORD = 1 / 2;
const LENGTH = 100;

export function scans(name: string, doc: string, reverse: boolean): BenchWorkload {
  return {
    name,
    doc,
    store: 'loaded',
    async run(place) {
      const { job, records } = place;
      const scansWanted = operationsOf(
        job,
        Math.min(SCANS_MAX, Math.max(SCANS_MIN, SCANS_A_RECORD * job.records)),
      );
      const store = await place.open();
      const numbers = chooseNumbers('uniform', scansWanted, job.records, job.seed);
      await warmUp(store, place);
      const from = Buffer.alloc(records.keyBytes);
      const latencies = new Latencies();
      const curve = new Curve(scansWanted);
      const check = new ScanCheck(records, scansWanted, (number, value) =>
        records.isValue(number, value, 0),
      );
      let done = 0;
      const meter = new Meter();
      const deadline = performance.now() + 1000 * job.limitSeconds;
      for (let began = performance.now(); done < scansWanted && began < deadline; done++) {
        const number = numbers[done]!;
        records.keyInto(number, from);
        check.begin(from, reverse);
        const scanned = store.scan(from, LENGTH, reverse, check.visit);
        if (scanned !== undefined) await scanned;
        check.end(number, LENGTH, job.records - 1);
        const ended = performance.now();
        latencies.add(began, ended);
        began = ended;
        curve.add(1);
      }
      const { usage } = meter;
      const recordsRead = done * Math.min(LENGTH, job.records);
      const figures = { ...store.figures(), recordsRead };
      await store.close();
      check.settle();
      return {
        unit: 'scans',
        count: done,
        usage,
        latency: { scan: latencies.summary },
        curve: curve.rates,
        wrong: check.wrong,
        cutShort: done < scansWanted,
        figures,
      };
    },
  };
}
