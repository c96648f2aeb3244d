/** Point reads, one at a time: of existing records (uniform or Zipf) and of absent keys. */
import { performance } from 'node:perf_hooks';
import { Uniform, Zipf } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import type { BenchStore } from '../bench-store.ts';
import { Latencies } from '../latencies.ts';
import { Curve, Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf } from '../workload.ts';
import { warmUp } from './warm-up.ts';

const READS_MAX = 1_000_000;

export type Choice = 'uniform' | 'zipf' | 'absent';
type Read = (store: BenchStore) => ((key: Buffer) => Uint8Array | undefined) | undefined;

export function points(name: string, doc: string, choice: Choice, read: Read): BenchWorkload {
  return {
    name,
    doc,
    store: 'loaded',
    async run(place) {
      const { job, records } = place;
      const readsWanted = operationsOf(job, READS_MAX);
      const store = await place.open();
      const get = read(store) ?? store.get;
      const numbers = chooseNumbers(choice, readsWanted, job.records, job.seed);
      await warmUp(store, place);
      const present = choice !== 'absent';
      const key = Buffer.alloc(records.keyBytes);
      const latencies = new Latencies();
      const curve = new Curve(readsWanted);
      let wrong = 0;
      let done = 0;
      const meter = new Meter();
      const deadline = performance.now() + 1000 * job.limitSeconds;
      for (let began = performance.now(); done < readsWanted && began < deadline; done++) {
        const number = numbers[done]!;
        records.keyInto(number, key);
        const value = get(key);
        if (present ? !records.isValue(number, value, 0) : value !== undefined) wrong++;
        const ended = performance.now();
        latencies.add(began, ended);
        began = ended;
        curve.add(1);
      }
      const { usage } = meter;
      const figures = { ...store.figures(), ...(present ? { recordsRead: done } : {}) };
      await store.close();
      return {
        unit: 'reads',
        count: done,
        usage,
        latency: { read: latencies.summary },
        curve: curve.rates,
        wrong,
        cutShort: done < readsWanted,
        figures,
      };
    },
  };
}

/** Record numbers, drawn before the clock starts. Numbers of absent records lie above the loaded ones. */
export function chooseNumbers(
  choice: Choice,
  count: number,
  records: number,
  seed: number,
): Uint32Array {
  const random = new Prng(seed).derive(`numbers/${choice}`);
  const draw = choice === 'zipf' ? new Zipf(records, random) : new Uniform(records, random);
  const first = choice === 'absent' ? records : 0;
  return Uint32Array.from({ length: count }, () => first + draw.next());
}
