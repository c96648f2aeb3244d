/**
 * Compression: writes the same repetitive records with and without compression. Both stores must return
 * every record, and the compressed one may use at most a stated share of the other's bytes. Bytes are
 * those of the simulated disk, so the verdict is the same on every machine. Processor time is a figure.
 */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { CompressionPlan } from '../contract/scenario.ts';
import type { Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import { SimDisk } from '../simulation/sim/sim-disk.ts';
import { instantWorld } from '../simulation/sim/world.ts';

/** Bytes of runs with compression, as a share of those without. */
const SPACE_RATIO_MAX = 0.7;
const BATCH = 50;
const STORES = 2;
const SEGMENT_BYTES_MIN = 65_536;
/** A packed block is longer than a sector then. */
const BLOCK_BYTES_MIN = 4096;
const WORDS = ['alpha', 'status', 'account', 'pending', 'customer', 'settled', 'branch', 'north'];

interface Cost {
  readonly bytes: number;
  readonly writeMs: number;
  readonly readMs: number;
}

export async function runCompression(parts: SimulatedParts<CompressionPlan>): Promise<Outcome> {
  const { plan, settings, seed, progress } = parts;
  const figures: Record<string, number> = { records: plan.records };
  const problems: string[] = [];
  const records = recordsOf(plan.records, seed);
  let done = 0;
  const costOf = async (compression: string) => {
    const cost = await oneStore(parts, { ...settings, compression }, records, (problem) =>
      problems.push(`compression ${compression}: ${problem}`),
    );
    progress(++done, STORES, 'stores');
    return cost;
  };
  try {
    const plain = await costOf('none');
    const packed = await costOf('zstd');
    const spaceRatio = packed.bytes / plain.bytes;
    figures['space ratio'] = spaceRatio;
    figures['write CPU ratio'] = packed.writeMs / plain.writeMs;
    figures['read CPU ratio'] = packed.readMs / plain.readMs;
    if (spaceRatio > SPACE_RATIO_MAX) {
      const share = spaceRatio.toFixed(2);
      problems.push(
        `with compression the runs take ${share} of the bytes, over ${SPACE_RATIO_MAX}`,
      );
    }
  } catch (error) {
    problems.push(`the store threw: ${(error as Error)?.message ?? error}`);
  }
  const counts = { records: plan.records };
  return {
    verdict:
      problems.length > 0
        ? { validity: 'invalid', reasons: problems, counts }
        : nothingWrong(done, STORES, 'stores', counts),
    figures,
    notVerified: ['compression: processor time is a figure, no bar is set'],
  };
}

async function oneStore(
  { target, seed }: SimulatedParts<CompressionPlan>,
  given: Settings,
  records: readonly (readonly [string, string])[],
  wrong: (problem: string) => void,
): Promise<Cost> {
  const segmentBytes = Math.max(SEGMENT_BYTES_MIN, Number(given.segmentBytes ?? 0));
  const random = new Prng(seed);
  const disk = new SimDisk({ random: random.derive('disk'), error: target.diskError });
  const { env } = instantWorld(target, disk, random.derive('world'));
  const blockBytes = Math.max(BLOCK_BYTES_MIN, Number(given.blockBytes ?? 0));
  const settings = { ...given, segmentBytes, blockBytes };
  const store = await target.openDirect(env, DIRECTORY, settings);
  const writeMs = await cpuMs(async () => {
    for (let i = 0; i < records.length; i += BATCH) await store.write(records.slice(i, i + BATCH));
    await store.checkpoint();
    await store.compact();
  });
  const readMs = await cpuMs(async () => {
    const shown = new Map(store.read());
    if (shown.size !== records.length) wrong(`it shows ${shown.size} of ${records.length} records`);
    const other = records.find(([key, value]) => shown.get(key) !== value);
    if (other !== undefined) wrong(`${other[0]} has another value`);
  });
  const runs = disk.files().filter(([path]) => !target.isLog(path) && !target.isReserve?.(path));
  const bytes = runs.reduce((sum, [, size]) => sum + size, 0);
  await store.close();
  return { bytes, writeMs, readMs };
}

function recordsOf(count: number, seed: number): [string, string][] {
  const random = new Prng(seed).derive('records');
  return Array.from({ length: count }, (_, i) => {
    const key = `record ${String((i * 7919) % count).padStart(8, '0')}`;
    return [key, JSON.stringify({ id: i, state: words(random, 3), note: words(random, 8) })];
  });
}

function words(random: Prng, count: number): string {
  return Array.from({ length: count }, () => random.pick(WORDS)).join(' ');
}

async function cpuMs(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
