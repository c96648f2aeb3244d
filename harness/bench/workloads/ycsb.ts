/**
 * YCSB's core workloads (Cooper et al., "Benchmarking cloud serving systems with YCSB", SoCC 2010)
 * by one client: A updates half, B one in twenty, C only reads, D reads what was inserted lately, E
 * scans up to 100 records, F reads and then writes back. Zipf 0.99; writes are not synced. A tenth
 * more operations come first, unmeasured.
 */
import { performance } from 'node:perf_hooks';
import { Uniform, Zipf } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import { ScanCheck } from '../checks/scan-check.ts';
import { Versions } from '../checks/versions.ts';
import { Latencies } from '../latencies.ts';
import { Curve, Meter } from '../meter.ts';
import { type BenchWorkload, operationsOf } from '../workload.ts';
import { warmUp } from './warm-up.ts';

const OPERATIONS = 1_000_000;
const SCANNING_OPERATIONS = 100_000;
const SCAN_MAX = 100;
/** The warm-up runs one n-th of the measured operations, unmeasured, in the same mix. */
const WARM_UP_SHARE = 10;

type Kind = 'read' | 'update' | 'insert' | 'scan' | 'read and write back';
const KINDS: readonly Kind[] = ['read', 'update', 'insert', 'scan', 'read and write back'];

export interface Mix {
  /** Probability of each other kind of operation; the rest are reads. */
  readonly shares: Partial<Record<Kind, number>>;
  /** Reads prefer the newest records instead of popular ones. */
  readonly latest?: boolean;
}

export function ycsb(name: string, doc: string, mix: Mix): BenchWorkload {
  return {
    name,
    doc,
    store: 'changed',
    async run(place) {
      const { job, records } = place;
      const store = await place.open();
      const total = operationsOf(
        job,
        mix.shares.scan === undefined ? OPERATIONS : SCANNING_OPERATIONS,
      );
      const random = new Prng(job.seed).derive(name);
      const popular = new Zipf(job.records, random.derive('keys'));
      const lengths = new Uniform(SCAN_MAX, random.derive('lengths'));
      const unmeasured = Math.floor(total / WARM_UP_SHARE);
      const all = unmeasured + total;
      const kinds = drawKinds(mix, all, random);
      const ranks = Uint32Array.from({ length: all }, () =>
        mix.latest === true ? popular.rank() : popular.next(),
      );
      await warmUp(store, place);
      let latencies = KINDS.map(() => new Latencies());
      let curve = new Curve(total);
      const key = Buffer.alloc(records.keyBytes);
      const cell = records.cell();
      const versions = new Versions(place);
      const check = new ScanCheck(records, all, (number, value) => versions.isLast(number, value));
      let wrong = 0;
      let scanned = 0;
      let done = 0;
      let meter = new Meter();
      const deadline = performance.now() + 1000 * job.limitSeconds;
      for (let began = performance.now(); done < all && began < deadline; done++) {
        if (done === unmeasured) {
          latencies = KINDS.map(() => new Latencies());
          curve = new Curve(total);
          scanned = 0;
          meter = new Meter();
        }
        const kind = kinds[done]!;
        const { newest } = versions;
        const rank = ranks[done]!;
        const number = kind === 2 ? newest + 1 : mix.latest === true ? newest - rank : rank;
        records.keyInto(number, key);
        if (kind === 0 || kind === 4) {
          if (!versions.isLast(number, store.get(key))) wrong++;
        }
        if (kind === 1 || kind === 2 || kind === 4) {
          records.valueInto(number, done + 1, cell);
          const written = store.put(key, cell.bytes);
          if (written !== undefined) await written;
          versions.acknowledged(number, done + 1);
        } else if (kind === 3) {
          const limit = 1 + lengths.next();
          scanned += limit;
          check.begin(key, false);
          const pending = store.scan(key, limit, false, check.visit);
          if (pending !== undefined) await pending;
          check.end(number, limit, newest);
        }
        const ended = performance.now();
        latencies[kind]!.add(began, ended);
        began = ended;
        curve.add(1);
      }
      const { usage } = meter;
      const [read, update, insert, , both] = latencies.map(({ count }) => count);
      const figures = {
        ...store.figures(),
        recordsRead: read! + both! + scanned,
        recordsWritten: update! + insert! + both!,
        recordsLive: versions.newest + 1,
      };
      await store.close();
      check.settle();
      const reread = await versions.readBack();
      const used = KINDS.map((kind, i) => [kind, latencies[i]!.summary] as const);
      return {
        unit: 'operations',
        count: curve.done,
        usage,
        latency: Object.fromEntries(used.filter(([, { count }]) => count > 0)),
        curve: curve.rates,
        wrong: wrong + check.wrong + reread.wrong,
        cutShort: curve.done < total,
        figures: { ...figures, readBack: reread.readBack },
      };
    },
  };
}

function drawKinds({ shares }: Mix, total: number, random: Prng): Uint8Array {
  return Uint8Array.from({ length: total }, () => {
    let left = random.fraction();
    for (let kind = 1; kind < KINDS.length; kind++) {
      left -= shares[KINDS[kind]!] ?? 0;
      if (left < 0) return kind;
    }
    return 0;
  });
}
