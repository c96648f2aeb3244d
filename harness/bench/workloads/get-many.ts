/** Point reads a hundred at a time. */
import { performance } from 'node:perf_hooks';
import { Latencies } from '../latencies.ts';
import { Curve, Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf } from '../workload.ts';
import { chooseNumbers } from './points.ts';
import { warmUp } from './warm-up.ts';

const READS_MAX = 1_000_000;
const TOGETHER = 100;

export const getMany: BenchWorkload = {
  name: 'get-many',
  doc: 'read values a hundred at a time, uniform',
  store: 'loaded',
  async run(place) {
    const { job, records } = place;
    const readsWanted = operationsOf(job, READS_MAX);
    const store = await place.open();
    const numbers = chooseNumbers('uniform', readsWanted, job.records, job.seed);
    await warmUp(store, place);
    const keys = Array.from({ length: TOGETHER }, () => Buffer.alloc(records.keyBytes));
    const latencies = new Latencies();
    const curve = new Curve(readsWanted);
    let wrong = 0;
    let done = 0;
    const meter = new Meter();
    const deadline = performance.now() + 1000 * job.limitSeconds;
    for (let began = performance.now(); done < readsWanted && began < deadline; done += TOGETHER) {
      for (let i = 0; i < TOGETHER; i++) records.keyInto(numbers[done + i]!, keys[i]!);
      const read = store.getMany(keys);
      const values = read instanceof Promise ? await read : read;
      for (let i = 0; i < TOGETHER; i++) {
        if (!records.isValue(numbers[done + i]!, values[i], 0)) wrong++;
      }
      const ended = performance.now();
      latencies.add(began, ended);
      began = ended;
      curve.add(TOGETHER);
    }
    const { usage } = meter;
    const figures = { ...store.figures(), recordsRead: done };
    await store.close();
    const latency = { '100 reads': latencies.summary };
    const cutShort = done < readsWanted;
    return {
      unit: 'reads',
      count: done,
      usage,
      latency,
      curve: curve.rates,
      wrong,
      cutShort,
      figures,
    };
  },
};
