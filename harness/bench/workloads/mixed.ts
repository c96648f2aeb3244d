/**
 * Reads and updates while the store checkpoints and compacts. Closed loop: one client, as fast as the
 * store goes. Open loop: a fixed rate, where latency counts from the instant an operation was due, so a
 * pause delays every operation due meanwhile.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Zipf } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import type { BenchStore } from '../bench-store.ts';
import { Versions } from '../checks/versions.ts';
import { LatencyOverTime } from '../latency-over-time.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload, Place } from '../workload.ts';
import { warmUp } from './warm-up.ts';

const UPDATE_SHARE = 0.2;
const TURN_EVERY = 256;
const PROGRESS_EVERY = 100_000;
/** Default rate of the open loop, in operations per second; `--rate` overrides it. */
export const OPEN_RATE = 20_000;
const CHECKPOINT_EVERY_MS = 4000;

export function mixed(name: string, doc: string, open = false): BenchWorkload {
  return {
    name,
    doc,
    store: 'changed',
    async run(place) {
      const { job } = place;
      const store = await place.open();
      await warmUp(store, place);
      const load = new MixedLoad(store, place, name);
      const reads = new LatencyOverTime();
      const updates = new LatencyOverTime();
      const upkeep = keepUp(store, job.seconds);
      const perSecond = open ? (job.rate ?? OPEN_RATE) : undefined;
      const meter = new Meter();
      const done = await drive(load, job.seconds, perSecond, (isUpdate, due, ended, share) => {
        (isUpdate ? updates : reads).add(due, ended);
        if (share !== undefined) place.progress(share);
      });
      const { usage } = meter;
      const kept = await upkeep.stop();
      const figures = { ...store.figures(), ...kept };
      await store.close();
      const { readBack, wrong } = await load.versions.readBack();
      const latency = { read: reads.summary, update: updates.summary };
      const rate = perSecond === undefined ? {} : { askedPerSecond: perSecond };
      return {
        unit: 'operations',
        count: done,
        usage,
        latency,
        wrong: load.wrong + wrong,
        figures: {
          ...figures,
          ...rate,
          readBack,
          recordsRead: reads.count,
          recordsWritten: updates.count,
        },
      };
    },
  };
}

/**
 * Runs one operation. Arguments: when it was due, when it ended and, from time to time, the share of
 * the run that has passed.
 */
type Note = (isUpdate: boolean, due: number, ended: number, share?: number) => void;

/**
 * Runs the load for `seconds`. Closed loop: as fast as the store goes. Open loop: `perSecond`
 * operations a second, each due at its own instant whether or not earlier ones have finished. Returns
 * the number of finished operations.
 */
export async function drive(
  load: MixedLoad,
  seconds: number,
  perSecond: number | undefined,
  note: Note,
): Promise<number> {
  const began = performance.now();
  const end = began + 1000 * seconds;
  let done = 0;
  for (let due = began; due < end; ) {
    const now = performance.now();
    if (perSecond !== undefined && now < due) {
      await turn();
      continue;
    }
    // Operations still due at the end are dropped: a store that falls behind would never finish.
    if (now >= end) break;
    if (perSecond === undefined) due = now;
    const isUpdate = load.draw();
    const pending = load.run(isUpdate);
    if (pending !== undefined) await pending;
    const ended = performance.now();
    const share = ++done % PROGRESS_EVERY === 0 ? (ended - began) / (end - began) : undefined;
    note(isUpdate, due, ended, share);
    due += perSecond === undefined ? 0 : 1000 / perSecond;
    if (done % TURN_EVERY === 0) await turn();
  }
  return done;
}

/** Zipf reads and updates; one in five writes. */
export class MixedLoad {
  readonly #store: BenchStore;
  readonly #place: Place;
  readonly #random: Prng;
  readonly #keys: Zipf;
  readonly #key: Buffer;
  readonly #cell;
  #version = 0;
  readonly versions: Versions;
  wrong = 0;

  constructor(store: BenchStore, place: Place, label: string) {
    this.#store = store;
    this.versions = new Versions(place);
    this.#place = place;
    this.#random = new Prng(place.job.seed).derive(label);
    this.#keys = new Zipf(place.job.records, this.#random.derive('keys'));
    this.#key = Buffer.alloc(place.records.keyBytes);
    this.#cell = place.records.cell();
  }

  /** Whether the next operation writes. */
  draw(): boolean {
    return this.#random.fraction() < UPDATE_SHARE;
  }

  run(isUpdate: boolean): void | Promise<void> {
    const { records } = this.#place;
    const number = this.#keys.next();
    records.keyInto(number, this.#key);
    if (isUpdate) {
      records.valueInto(number, ++this.#version, this.#cell);
      const version = this.#version;
      const written = this.#store.put(this.#key, this.#cell.bytes);
      if (written !== undefined) {
        return written.then(() => this.versions.acknowledged(number, version));
      }
      this.versions.acknowledged(number, version);
      return undefined;
    }
    if (!this.versions.isLast(number, this.#store.get(this.#key))) this.wrong++;
    return undefined;
  }
}

/** Checkpoints every few seconds and compacts once halfway through, concurrently with the load. */
export function keepUp(store: BenchStore, seconds: number) {
  let stopped = false;
  let compactions = 0;
  let checkpoints = 0;
  let longestCheckpointMs = 0;
  const compact = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500 * seconds).unref());
    if (stopped || store.compact === undefined) return;
    await store.compact();
    compactions++;
  };
  const run = async () => {
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, CHECKPOINT_EVERY_MS).unref());
      if (stopped || store.checkpoint === undefined) return;
      const began = performance.now();
      await store.checkpoint();
      longestCheckpointMs = Math.max(longestCheckpointMs, performance.now() - began);
      checkpoints++;
    }
  };
  /** An operation interrupted by the store's close is not a failure. */
  let failure: unknown;
  const noted = (error: unknown) => {
    if (!stopped) failure = error;
  };
  const running = run().catch(noted);
  const compacting = compact().catch(noted);
  return {
    async stop() {
      stopped = true;
      await Promise.race([Promise.all([running, compacting]), turn()]);
      if (failure !== undefined) throw failure;
      return { checkpoints, compactions, longestCheckpointMs };
    },
  };
}
