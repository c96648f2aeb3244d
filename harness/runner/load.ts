/**
 * Load: writes the same records into several stores, one after the other on the same disk, and
 * reads a sample back, then once more after its files were walked and it was opened again. The clock
 * stops when the last record is durable. Every value read is checked: a wrong one makes the
 * measurement invalid.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Records } from '../bench/records.ts';
import type { Load } from '../contract/scenario.ts';
import type { BulkStore, EmbeddedTarget, Settings } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import { Prng } from '../random/prng.ts';
import type { Outcome, Progress } from './outcome.ts';

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
  const figures: Record<string, number> = {};
  const wrong: string[] = [];
  for (const [i, contender] of parts.contenders.entries()) {
    const directory = `${parts.directory}/${i}`;
    mkdirSync(directory, { recursive: true });
    const measured = await measure(parts, contender, directory, i);
    rmSync(directory, { recursive: true, force: true });
    figures[`${contender.label} records/s`] = measured.writesPerSecond;
    figures[`${contender.label} reads/s`] = measured.readsPerSecond;
    wrong.push(...measured.problems.map((problem) => `${contender.label}: ${problem}`));
  }
  const own = figures[`${parts.contenders[0]!.label} records/s`]!;
  for (const { label } of parts.contenders.slice(1)) {
    figures[`write ratio to ${label}`] = own / figures[`${label} records/s`]!;
  }
  const verdict: Verdict = {
    validity: wrong.length === 0 ? 'valid' : 'invalid',
    reasons: wrong,
    counts: { reads: 2 * READS * parts.contenders.length },
  };
  return { verdict, figures, notVerified: ['speed: no threshold is set, the figures are shown'] };
}

async function measure(parts: LoadParts, contender: Contender, directory: string, turnNo: number) {
  const { plan, seed, progress, contenders } = parts;
  const { target, settings, label } = contender;
  if (target.openBulk === undefined) throw new Error(`${target.name} has no bulk interface`);
  const records = new Records(seed, VALUE_BYTES);
  const store = await target.openBulk(directory, settings);
  const began = performance.now();
  for (let first = 0, batch = 0; first < plan.records; first += plan.batch, batch++) {
    const size = Math.min(plan.batch, plan.records - first);
    const numbers = Array.from({ length: size }, (_, i) => first + i);
    await store.write(
      numbers.map((number) => records.key(number)),
      numbers.map((number) => records.value(number)),
    );
    if (batch % TURN_EVERY_BATCHES === 0) {
      progress(
        turnNo * plan.records + first,
        contenders.length * plan.records,
        `records, ${label}`,
      );
      await turn();
    }
  }
  await store.makeDurable();
  const writeSeconds = (performance.now() - began) / 1000;

  const readBegan = performance.now();
  const problems = readBack(store, records, parts);
  const readSeconds = (performance.now() - readBegan) / 1000;
  await store.close();
  problems.push(...((await target.verify?.(directory)) ?? []));
  const again = await target.openBulk(directory, settings);
  problems.push(...readBack(again, records, parts));
  await again.close();
  return {
    writesPerSecond: plan.records / writeSeconds,
    readsPerSecond: READS / readSeconds,
    problems,
  };
}

/** Reads a sample; answers what was wrong with it. */
function readBack(store: BulkStore, records: Records, { plan, seed }: LoadParts): string[] {
  const random = new Prng(seed).derive('reads');
  let wrong = 0;
  try {
    for (let i = 0; i < READS; i++) {
      const number = random.below(plan.records);
      if (!records.isValue(number, store.get(records.key(number)))) wrong++;
    }
  } catch (error) {
    return [`a read failed: ${(error as Error).message}`];
  }
  return wrong === 0 ? [] : [`${wrong} wrong values`];
}
