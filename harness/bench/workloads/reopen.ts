/**
 * Reopens a loaded store, after a clean close or after SIGKILL during updates. Measures the time until
 * the first correct read, and until reads run at full speed. The page cache is dropped first where that
 * is permitted; `pageCacheDropped` says whether it was.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Uniform } from '../../random/distribution.ts';
import { Prng } from '../../random/prng.ts';
import { CHILD } from '../child-path.ts';
import { Meter } from '../meter.ts';
import type { BenchWorkload, Place } from '../workload.ts';

const WINDOW_READS = 20_000;
const FULL_SPEED_SHARE = 0.8;
const KILL_AFTER_MS = 3000;

export const overwriteForever: BenchWorkload = {
  name: 'overwrite-forever',
  doc: 'updates without end, until the process is killed',
  store: 'changed',
  onRequest: true,
  async run(place) {
    const { job, records } = place;
    const store = await place.open();
    const draw = new Uniform(job.records, new Prng(job.seed).derive('overwrite'));
    const key = Buffer.alloc(records.keyBytes);
    const cell = records.cell();
    for (let version = 1; ; version++) {
      const number = draw.next();
      records.keyInto(number, key);
      records.valueInto(number, version, cell);
      const written = store.put(key, cell.bytes);
      if (written !== undefined) await written;
      if (version % 1000 === 0) place.progress(0);
    }
  },
};

export function reopen(name: string, doc: string, killed: boolean): BenchWorkload {
  return {
    name,
    doc,
    store: 'changed',
    async run(place) {
      if (killed) await killWhileWriting(place);
      const pageCacheDropped = dropPageCache();
      const { job, records } = place;
      const draw = new Uniform(job.records, new Prng(job.seed).derive(name));
      const key = Buffer.alloc(records.keyBytes);
      let wrong = 0;
      const meter = new Meter();
      const began = performance.now();
      const store = await place.open();
      const openSeconds = (performance.now() - began) / 1000;
      const read = () => {
        const number = draw.next();
        records.keyInto(number, key);
        if (!records.isValue(number, store.get(key), killed ? undefined : 0)) wrong++;
      };
      read();
      const firstReadSeconds = (performance.now() - began) / 1000;
      const { usage } = meter;
      const windows: { readonly seconds: number; readonly rate: number }[] = [];
      const end = performance.now() + 1000 * Math.min(20, job.seconds);
      while (performance.now() < end) {
        const windowBegan = performance.now();
        for (let i = 0; i < WINDOW_READS; i++) read();
        const ended = performance.now();
        const rate = (1000 * WINDOW_READS) / (ended - windowBegan);
        windows.push({ seconds: (ended - began) / 1000, rate });
      }
      const best = Math.max(...windows.map(({ rate }) => rate));
      const full = windows.find(({ rate }) => rate >= FULL_SPEED_SHARE * best)!;
      const figures = {
        openSeconds,
        firstReadSeconds,
        fullSpeedSeconds: full.seconds,
        pageCacheDropped: pageCacheDropped ? 1 : 0,
        ...store.figures(),
      };
      await store.close();
      return {
        unit: 'opens',
        count: 1,
        usage,
        wrong,
        curve: windows.map(({ rate }) => rate),
        figures,
      };
    },
  };
}

async function killWhileWriting({ job }: Place): Promise<void> {
  const writer = { ...job, workload: overwriteForever.name };
  const child = fork(CHILD, [JSON.stringify(writer)], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('message', resolve));
  await new Promise((resolve) => setTimeout(resolve, KILL_AFTER_MS));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Whether the page cache could be dropped; needs root. */
export function dropPageCache(): boolean {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}
