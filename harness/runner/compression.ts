/**
 * Compression: the same records in two stores, one of which packs what was merged. Both must show
 * every record; the packed one has to take a stated share of the other's bytes at most, where records
 * repeat themselves, and hardly more where they don't. Bytes are those of the simulated disk, so the
 * verdict is the same on every machine; the price in processor time is a figure.
 */
import type { CompressionPlan } from '../contract/scenario.ts';
import type { Settings } from '../contract/target.ts';
import { DIRECTORY } from '../explore/record-run.ts';
import { Prng } from '../random/prng.ts';
import { SimDisk } from '../sim/sim-disk.ts';
import { instantWorld } from '../sim/world.ts';
import { nothingWrong, type Outcome } from './outcome.ts';
import type { SimulatedParts } from './parts.ts';

/** Bytes of runs, packed against plain. */
const REPEATING_SHARE_MAX = 0.7;
const RANDOM_SHARE_MAX = 1.05;
const BATCH = 50;
const SEGMENT_BYTES_MIN = 65_536;
const WORDS = ['alpha', 'status', 'account', 'pending', 'customer', 'settled', 'branch', 'north'];

interface Kind {
  readonly name: string;
  readonly shareMax: number;
  value(random: Prng, number: number): string;
}

const KINDS: readonly Kind[] = [
  {
    name: 'repeating',
    shareMax: REPEATING_SHARE_MAX,
    value: (random, number) =>
      JSON.stringify({ id: number, state: words(random, 3), note: words(random, 8) }),
  },
  {
    name: 'random',
    shareMax: RANDOM_SHARE_MAX,
    value: (random) => {
      const bytes = Buffer.alloc(96);
      for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(random.nextUint32(), i);
      return bytes.toString('latin1');
    },
  },
];

interface Cost {
  readonly bytes: number;
  readonly writeMs: number;
  readonly readMs: number;
}

export async function runCompression(parts: SimulatedParts<CompressionPlan>): Promise<Outcome> {
  const { plan, settings, seed, progress } = parts;
  const figures: Record<string, number> = { records: plan.records };
  const problems: string[] = [];
  let done = 0;
  for (const kind of KINDS) {
    const records = recordsOf(kind, plan.records, seed);
    const costOf = async (compression: string) => {
      const cost = await oneStore(parts, { ...settings, compression }, records, (problem) =>
        problems.push(`${kind.name} records, compression ${compression}: ${problem}`),
      );
      progress(++done, 2 * KINDS.length, 'stores');
      return cost;
    };
    const plain = await costOf('none');
    const packed = await costOf('zstd');
    const share = packed.bytes / plain.bytes;
    figures[`space ratio, ${kind.name}`] = share;
    figures[`write CPU ratio, ${kind.name}`] = packed.writeMs / plain.writeMs;
    figures[`read CPU ratio, ${kind.name}`] = packed.readMs / plain.readMs;
    if (share > kind.shareMax) {
      problems.push(
        `${kind.name} records take ${share.toFixed(2)} of the plain store's bytes, over ${kind.shareMax}`,
      );
    }
  }
  const counts = { records: plan.records };
  return {
    verdict:
      problems.length > 0
        ? { validity: 'invalid', reasons: problems, counts }
        : nothingWrong(done, 2 * KINDS.length, 'stores', counts),
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
  const settings = { ...given, segmentBytes };
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

function recordsOf(kind: Kind, count: number, seed: number): [string, string][] {
  const random = new Prng(seed).derive(kind.name);
  return Array.from({ length: count }, (_, i) => {
    const key = `record ${String((i * 7919) % count).padStart(8, '0')}`;
    return [key, kind.value(random, i)];
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
