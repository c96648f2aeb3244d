/**
 * Endurance: mixed load at half of the store's capacity for a long time. Fails if latency grows from
 * the first part to the last, if memory grows without bound, or if the backlog of operations grows.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Latencies } from '../latencies.ts';
import { Meter } from '../meter.ts';
import { slopeInterval } from '../slope.ts';
import type { BenchWorkload } from '../workload.ts';
import { MixedLoad } from './mixed.ts';
import { warmUp } from './warm-up.ts';

/** Time for measuring the capacity: longer for long runs, so that merges are included. */
const CALIBRATION_SHARE = 1 / 20;
const CALIBRATION_MS = [5000, 60_000] as const;
/** Backlog at which a store counts as overloaded and the run ends. */
const BEHIND_MAX = 1.1;
const PARTS = 6;
const RSS_EVERY_MS = 10_000;
const TURN_EVERY = 256;
/** Fixes the young generation at its full size from the start; otherwise it varies by tens of MiB. */
const STEADY_HEAP = ['--min-semi-space-size=16', '--max-semi-space-size=16'] as const;

export const endurance: BenchWorkload = {
  name: 'endurance',
  doc: 'mixed load at half of capacity, for long: latency and memory at the end as at the start',
  store: 'changed',
  onRequest: true,
  nodeOptions: STEADY_HEAP,
  async run(place) {
    const { job } = place;
    const store = await place.open();
    await warmUp(store, place);
    const load = new MixedLoad(store, place, 'endurance');
    const total = 1000 * job.seconds;
    const [least, most] = CALIBRATION_MS;
    const calibrationMs = Math.min(most, Math.max(least, CALIBRATION_SHARE * total));
    let warm = 0;
    for (const end = performance.now() + calibrationMs; performance.now() < end; warm++) {
      const pending = load.run(load.draw());
      if (pending !== undefined) await pending;
      if (warm % TURN_EVERY === 0) await turn();
    }
    const perSecond = (1000 * warm) / calibrationMs / 2;
    const parts = Array.from({ length: PARTS }, () => new Latencies());
    const samples: [seconds: number, mebibytes: number][] = [];
    let done = 0;
    const meter = new Meter();
    const began = performance.now();
    let isBehind = false;
    let warmBytes: number | undefined;
    let nextSample = total / PARTS; // what comes before is warm-up
    for (let due = 0; due < total && !isBehind; due += 1000 / perSecond) {
      while (performance.now() - began < due) await turn();
      const pending = load.run(load.draw());
      if (pending !== undefined) await pending;
      const now = performance.now() - began;
      parts[Math.min(PARTS - 1, Math.floor((PARTS * due) / total))]!.add(due, now);
      if (now >= nextSample) {
        samples.push([now / 1000, process.memoryUsage().rss / 2 ** 20]);
        warmBytes ??= store.figures().memoryBytes;
        nextSample = now + RSS_EVERY_MS;
        place.progress(due / total);
        isBehind = now > BEHIND_MAX * total;
      }
      if (++done % TURN_EVERY === 0) await turn();
    }
    const { usage } = meter;
    const figures = store.figures();
    await store.close();
    const { readBack, wrong } = await load.versions.readBack();
    const first = parts[0]!.summary;
    const last = parts.at(-1)!.summary;
    const [low, high] = slopeInterval(samples);
    return {
      unit: 'operations',
      count: done,
      usage,
      latency: Object.fromEntries(
        parts.map((part, i) => [`part ${i + 1} of ${PARTS}`, part.summary] as const),
      ),
      wrong: load.wrong + wrong,
      cutShort: isBehind,
      figures: {
        ...figures,
        readBack,
        askedPerSecond: perSecond,
        p99LastOverFirst: last.p99 / first.p99,
        ...grown(samples, warmBytes, figures.memoryBytes),
        // A slope needs enough independent samples; a short run has too few.
        ...(Number.isFinite(low) && Number.isFinite(high)
          ? { rssSlopeLowMiBPerHour: 3600 * low, rssSlopeHighMiBPerHour: 3600 * high }
          : { rssSlopeUnknown: 1 }),
      },
    };
  },
};

/** Growth of memory after the warm-up, and how much of it the store accounts for. */
function grown(
  samples: readonly (readonly [seconds: number, mebibytes: number])[],
  warmBytes: number | undefined,
  bytes: number | undefined,
): Readonly<Record<string, number>> {
  if (samples.length < 2) return {};
  const rssGrownMiB = samples.at(-1)![1] - samples[0]![1];
  if (warmBytes === undefined || bytes === undefined) return { rssGrownMiB };
  return { rssGrownMiB, memoryGrownMiB: (bytes - warmBytes) / 2 ** 20 };
}
