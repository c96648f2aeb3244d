/**
 * Load: writes records into several stores, one after the other on the same disk, and
 * reads a sample back, then once more after its files were walked and it was opened again. The clock
 * stops when the last record is durable. Every value read is checked: a wrong one makes the
 * measurement invalid.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Records } from '../bench/records.ts';
import type { Outcome, Progress } from '../cells/outcome.ts';
import type { Load } from '../contract/scenario.ts';
import type { BulkStore, EmbeddedTarget, Settings } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import { Prng } from '../random/prng.ts';

export interface Contender {
  /** How figures are named, `engine` or `sqlite OFF`. */
  readonly label: string;
  readonly target: EmbeddedTarget;
  readonly settings: Settings;
}

export interface LoadParts {
  /** The first is the one under test, the others its peers. */
  readonly contenders: readonly Contender[];
  readonly plan: Load;
  readonly seed: number;
  readonly directory: string;
  readonly progress: Progress;
}

const VALUE_BYTES = 100;
const READS = 100_000;
const TURN_EVERY_BATCHES = 64;

export async function runLoad(parts: LoadParts): Promise<Outcome> {
  const { plan, contenders } = parts;
  const figures: Record<string, number> = {
    records: plan.records,
    'records of peers': plan.peerRecords,
  };
  const wrong: string[] = [];
  const total = plan.records + (contenders.length - 1) * plan.peerRecords;
  let done = 0;
  for (const [i, contender] of contenders.entries()) {
    const directory = `${parts.directory}/${i}`;
    mkdirSync(directory, { recursive: true });
    const records = i === 0 ? plan.records : plan.peerRecords;
    const progress: Progress = (more, _, unit) => parts.progress(done + more, total, unit);
    const measured = await measure(contender, directory, { ...parts, records, progress });
    done += records;
    rmSync(directory, { recursive: true, force: true });
    figures[`${contender.label} records/s`] = measured.writesPerSecond;
    figures[`${contender.label} reads/s`] = measured.readsPerSecond;
    wrong.push(...measured.problems.map((problem) => `${contender.label}: ${problem}`));
  }
  const own = figures[`${contenders[0]!.label} records/s`]!;
  for (const { label } of contenders.slice(1)) {
    figures[`write ratio to ${label}`] = own / figures[`${label} records/s`]!;
  }
  const verdict: Verdict = {
    validity: wrong.length === 0 ? 'valid' : 'invalid',
    reasons: wrong,
    counts: { reads: 2 * READS * contenders.length },
  };
  return { verdict, figures, notVerified: ['speed: no threshold is set, the figures are shown'] };
}

/** The task of one store. */
interface Task {
  readonly plan: Load;
  readonly records: number;
  readonly seed: number;
  readonly progress: Progress;
}

async function measure(contender: Contender, directory: string, task: Task) {
  const { plan, seed, progress } = task;
  const { target, settings, label } = contender;
  if (target.openBulk === undefined) throw new Error(`${target.name} has no bulk interface`);
  const records = new Records(seed, VALUE_BYTES);
  const store = await target.openBulk(directory, settings);
  const began = performance.now();
  for (let first = 0, batch = 0; first < task.records; first += plan.batch, batch++) {
    const size = Math.min(plan.batch, task.records - first);
    const numbers = Array.from({ length: size }, (_, i) => first + i);
    await store.write(
      numbers.map((number) => records.key(number)),
      numbers.map((number) => records.value(number)),
    );
    if (batch % TURN_EVERY_BATCHES === 0) {
      progress(first, task.records, `records, ${label}`);
      await turn();
    }
  }
  await store.makeDurable();
  const writeSeconds = (performance.now() - began) / 1000;

  const readBegan = performance.now();
  const problems = readBack(store, records, task);
  const readSeconds = (performance.now() - readBegan) / 1000;
  await store.close();
  problems.push(...((await target.verify?.(directory)) ?? []));
  const again = await target.openBulk(directory, settings);
  problems.push(...readBack(again, records, task));
  await again.close();
  return {
    writesPerSecond: task.records / writeSeconds,
    readsPerSecond: READS / readSeconds,
    problems,
  };
}

/** Reads a sample; answers what was wrong with it. */
function readBack(store: BulkStore, records: Records, task: Task): string[] {
  const random = new Prng(task.seed).derive('reads');
  let wrong = 0;
  try {
    for (let i = 0; i < READS; i++) {
      const number = random.below(task.records);
      if (!records.isValue(number, store.get(records.key(number)))) wrong++;
    }
  } catch (error) {
    return [`a read failed: ${(error as Error).message}`];
  }
  return wrong === 0 ? [] : [`${wrong} wrong values`];
}
