/**
 * Loads a store in batches of 1,000 records, in random or ascending order, durable at the end or after
 * each batch.
 */
import { performance } from 'node:perf_hooks';
import type { KeyOrder, Measured } from '../../contract/bench-record.ts';
import type { BenchStore } from '../bench-store.ts';
import { Versions } from '../checks/versions.ts';
import { Latencies } from '../latencies.ts';
import { Curve, Meter } from '../meter.ts';
import type { Records } from '../records.ts';
import type { BenchWorkload, Place } from '../workload.ts';

const BATCH = 1000;
/** Batches of values longer than 16 KiB have fewer records. */
const BATCH_BYTES_MAX = 16 * 2 ** 20;

export function ingest(
  name: string,
  doc: string,
  durable: boolean,
  keyOrder?: KeyOrder,
): BenchWorkload {
  return {
    name,
    doc,
    store: 'fresh',
    durable,
    ...(keyOrder === undefined ? {} : { keyOrder }),
    async run(place) {
      const store = await place.open();
      const measured = await load(store, place, durable);
      const settling = new Meter();
      await store.settle();
      const { wallSeconds, cpuSeconds, deviceWriteMiB } = settling.usage;
      const settled = {
        settleSeconds: wallSeconds,
        settleCpuSeconds: cpuSeconds,
        settleWriteMiB: deviceWriteMiB,
      };
      const figures = { ...measured.figures, ...settled, ...store.figures() };
      await store.close();
      const { readBack, wrong } = await new Versions(place, measured.count).readBack();
      return { ...measured, wrong, figures: { ...figures, readBack } };
    },
  };
}

/** Loads all records; the clock stops when the last is durable. */
export async function load(store: BenchStore, place: Place, durable: boolean): Promise<Measured> {
  const { job, records } = place;
  const size = Math.max(1, Math.min(BATCH, Math.floor(BATCH_BYTES_MAX / records.valueBytes)));
  const batch = makeBatch(records, size);
  const { keys } = batch;
  const values = batch.cells.map(({ bytes }) => bytes);
  const { cells } = batch;
  const latencies = new Latencies();
  const curve = new Curve(job.records);
  const meter = new Meter();
  const deadline = performance.now() + 1000 * job.limitSeconds;
  let done = 0;
  for (let began = performance.now(); done < job.records && began < deadline; ) {
    const count = Math.min(size, job.records - done);
    fill(batch, records, done, count);
    for (let i = 0; i < count; i++) values[i] = cells[i]!.bytes;
    const written = store.write({ keys, values, count }, durable);
    if (written !== undefined) await written;
    const ended = performance.now();
    latencies.add(began, ended);
    began = ended;
    done += count;
    curve.add(count);
    if (done % (100 * size) === 0) place.progress(done / job.records);
  }
  const beforeSync = performance.now();
  await store.sync();
  const syncSeconds = (performance.now() - beforeSync) / 1000;
  return {
    unit: 'records',
    count: done,
    usage: meter.usage,
    latency: { [`batch of ${size.toLocaleString('en-US')}`]: latencies.summary },
    curve: curve.rates,
    cutShort: done < job.records,
    figures: { syncSeconds, recordsWritten: done, recordsLive: done },
  };
}

function makeBatch(records: Records, size: number) {
  return {
    keys: Array.from({ length: size }, () => Buffer.alloc(records.keyBytes)),
    cells: Array.from({ length: size }, () => records.cell()),
  };
}

function fill(
  { keys, cells }: ReturnType<typeof makeBatch>,
  records: Records,
  first: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    records.keyInto(first + i, keys[i]!);
    records.valueInto(first + i, 0, cells[i]!);
  }
}
