/**
 * One life of a store that grows, in a process of its own: opens it, reads a sample, writes, reads
 * another sample, and closes it or dies.
 *
 *     node growth-process.ts '<GrowthTask as JSON>'
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Records } from '../../bench/records.ts';
import type { BulkStore, EmbeddedTarget } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { type GrowthLife, type GrowthReport, type GrowthTask, SAMPLE } from './task.ts';

const VALUE_BYTES = 100;
const REPORT_EVERY_COMMITS = 1024;
const SAID_AT_MOST = 3;

const task = JSON.parse(process.argv[2]!) as GrowthTask;
const records = new Records(task.seed, VALUE_BYTES);
const say = (report: GrowthReport) =>
  new Promise<void>((resolve) => process.send!(report, () => resolve()));

async function live(): Promise<{ store: BulkStore; life: GrowthLife }> {
  const { default: target } = (await import(task.targetUrl)) as { default: EmbeddedTarget };
  const began = performance.now();
  const store = await target.openBulk!(task.directory, task.settings);
  const problems = readBack(store, task.held, 1);
  const openMs = performance.now() - began;
  problems.push(...readBack(store, task.held, SAMPLE));
  const written = await write(store);
  problems.push(...readBack(store, task.held + task.adds, SAMPLE));
  const recovered = store.recovered!();
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return { store, life: { openMs, recovered, ...written, peakRssBytes, problems } };
}

async function write(store: BulkStore): Promise<{ longestPauseMs: number; writeSeconds: number }> {
  const began = performance.now();
  const end = task.held + task.adds;
  let longestPauseMs = 0;
  let acknowledged = began;
  for (let first = task.held, commits = 1; first < end; first += task.batch, commits++) {
    const size = Math.min(task.batch, end - first);
    const numbers = Array.from({ length: size }, (_, i) => first + i);
    await store.write(
      numbers.map((number) => records.key(number)),
      numbers.map((number) => records.value(number)),
    );
    if (commits % REPORT_EVERY_COMMITS === 0) {
      void say({ written: first - task.held });
      await turn();
    }
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - acknowledged);
    acknowledged = now;
  }
  await store.makeDurable();
  return { longestPauseMs, writeSeconds: (performance.now() - began) / 1000 };
}

/** Reads `count` of the first `held` records; answers what was wrong. */
function readBack(store: BulkStore, held: number, count: number): string[] {
  if (held === 0) return [];
  const random = new Prng(task.seed).derive('sample');
  const wrong: number[] = [];
  for (let i = 0; i < count; i++) {
    const number = random.below(held);
    if (!records.isValue(number, store.get(records.key(number)))) wrong.push(number);
  }
  if (wrong.length === 0) return [];
  const some = wrong.slice(0, SAID_AT_MOST).join(', ');
  return [`${wrong.length} of ${count} records are missing or wrong, of ${held}: number ${some} …`];
}

try {
  const { store, life } = await live();
  if (task.end === 'kill') {
    await say({ life });
    process.kill(process.pid, 'SIGKILL');
  }
  await store.close();
  await say({ life });
  process.exit(0);
} catch (error) {
  await say({ error: String((error as Error)?.stack ?? error) });
  process.exit(1);
}
