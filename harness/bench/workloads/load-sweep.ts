/**
 * Latency against load: measures the capacity of the mixed load with one closed-loop client, then runs
 * ten open-loop rates from 10 % to 100 % of it. The rate at which latency rises is where the store
 * saturates; a closed loop does not show it.
 */
import type { Latency } from '../../contract/bench-record.ts';
import { Latencies } from '../latencies.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload } from '../workload.ts';
import { drive, keepUp, MixedLoad } from './mixed.ts';
import { warmUp } from './warm-up.ts';

const STEPS = 10;
/** Share of `--seconds` spent on each rate; measuring the capacity takes twice as long. */
const STEP_SHARE = 1 / 12;
const CAPACITY_SHARE = 2 / 12;

export const loadSweep: BenchWorkload = {
  name: 'load-sweep',
  doc: 'mixed load by an open loop at ten rates up to what the store can do: latency against load',
  store: 'changed',
  onRequest: true,
  async run(place) {
    const { job } = place;
    const store = await place.open();
    await warmUp(store, place);
    const load = new MixedLoad(store, place, 'load-sweep');
    const upkeep = keepUp(store, job.seconds);
    const seconds = CAPACITY_SHARE * job.seconds;
    const capacity = (await drive(load, seconds, undefined, () => {})) / seconds;
    const steps = Array.from({ length: STEPS }, (_, i) => Math.round((capacity * (i + 1)) / STEPS));
    const latency: Record<string, Latency> = {};
    const achieved: Record<string, number> = {};
    let count = 0;
    const meter = new Meter();
    for (const [i, rate] of steps.entries()) {
      const latencies = new Latencies();
      const stepSeconds = STEP_SHARE * job.seconds;
      const done = await drive(load, stepSeconds, rate, (_, due, ended) => {
        latencies.add(due, ended);
      });
      const percent = Math.round((100 * (i + 1)) / STEPS);
      latency[`${percent} % of capacity`] = latencies.summary;
      achieved[`achieved at ${percent} %`] = done / (rate * stepSeconds);
      count += done;
      place.progress((i + 1) / STEPS);
    }
    const { usage } = meter;
    const figures = { ...store.figures(), ...(await upkeep.stop()) };
    await store.close();
    const { readBack, wrong } = await load.versions.readBack();
    return {
      unit: 'operations',
      count,
      usage,
      latency,
      wrong: load.wrong + wrong,
      figures: { ...figures, capacityPerSecond: capacity, ...achieved, readBack },
    };
  },
};
