/**
 * Hostile keys: model-based runs with each kind of adversarial keys, beside random keys. Ends at the first wrong
 * answer, and at the first kind whose lookups or memory cost more than a stated factor of those of random keys.
 * Segments are large enough for all keys of a kind to lie in one table.
 */

import { nothingWrong, type Outcome } from '../cells/outcome.ts';
import type { SimulatedParts } from '../cells/parts.ts';
import type { HostileKeys } from '../contract/scenario.ts';
import type { Verdict } from '../contract/verdict.ts';
import { HostileKeysRun, type RunCosts } from '../hostile-keys/hostile-keys-run.ts';
import { hardKeys, keysByChance, longKeys } from '../hostile-keys/key-kinds.ts';
import { deriveSeed, Prng } from '../random/prng.ts';
import type { KeyEnemy, KeySource } from '../simulation/sim/key-enemy.ts';

/** Longest allowed probe, as a multiple of the longest for random keys: crowding is detected by then. */
const PROBE_FACTOR_MAX = 8;
/** By chance the longest is at least about this. */
const PROBE_MIN = 64;
const FAILED_PROBES_A_READ_MAX = 1;
/** Of memory to find a key whose neighbours differ early. */
const INDEX_BYTES_A_KEY_MAX = 64;
const INDEX_BYTES_A_STORE = 8192;
const SEGMENTS_MAX = 7;
const SEGMENT_BYTES_MIN = 1024 * 1024;

interface Kind {
  readonly name: string;
  readonly count: number;
  /** Whether the stated bytes of index a key hold for it. */
  readonly isShort: boolean;
  source(enemy: Readonly<Record<string, KeySource>>): KeySource;
}

export async function runHostileKeys(given: SimulatedParts<HostileKeys>): Promise<Outcome> {
  const segmentBytes = Math.max(SEGMENT_BYTES_MIN, Number(given.settings.segmentBytes ?? 0));
  const parts = { ...given, settings: { ...given.settings, segmentBytes } };
  const { target, plan, seed, progress } = parts;
  const figures = { seeds: 0, kinds: 0, reads: 0, longestProbe: 0, longestProbeByChance: 0 };
  const { enemy } = target;
  if (enemy === undefined) {
    const reasons = [`${target.name} says nothing of what its lookups cost`];
    return { verdict: { validity: 'unsupported', reasons, counts: {} }, figures, notVerified: [] };
  }
  let bad: string | undefined;
  let goOn = true;
  for (let i = 0; i < plan.seeds && bad === undefined && goOn; i++) {
    const runSeed = deriveSeed(seed, `run ${i}`);
    const random = new Prng(runSeed);
    const count = random.between(plan.keys, Math.floor(1.3 * plan.keys));
    const costsOf = (kind: Kind) => oneRun(parts, enemy, random.derive(kind.name), kind);
    const byChance = {
      name: 'by chance',
      count,
      isShort: true,
      source: () => keysByChance(random),
    };
    const chance = await costsOf(byChance);
    bad = typeof chance === 'string' ? `keys by chance: ${chance}` : undefined;
    for (const kind of bad === undefined ? kindsOf(parts, random, count) : []) {
      const costs = await costsOf(kind);
      bad = typeof costs === 'string' ? costs : excess(parts, kind, costs, chance as RunCosts);
      if (typeof costs !== 'string') {
        figures.kinds++;
        figures.reads += costs.reads;
        figures.longestProbe = Math.max(figures.longestProbe, costs.longestProbe);
      }
      if (bad !== undefined) {
        bad = `keys ${kind.name}: ${bad} — run seed ${runSeed}`;
        break;
      }
    }
    if (typeof chance !== 'string') {
      figures.longestProbeByChance = Math.max(figures.longestProbeByChance, chance.longestProbe);
    }
    figures.seeds++;
    goOn = progress(i + 1, plan.seeds, 'seeds');
  }
  const counts = { reads: figures.reads };
  const verdict: Verdict =
    bad === undefined
      ? nothingWrong(figures.seeds, plan.seeds, 'seeds', counts)
      : { validity: 'invalid', reasons: [bad], counts };
  return { verdict, figures, notVerified: [] };
}

/** Adversarial keys by name, and keys that are hard for any store. */
function kindsOf(
  { plan }: SimulatedParts<HostileKeys>,
  random: Prng,
  count: number,
): readonly Kind[] {
  const chosen = plan.kinds.map((name) => ({
    name,
    count,
    isShort: true,
    source: (enemy: Readonly<Record<string, KeySource>>) => enemy[name]!,
  }));
  const hard = Object.entries(hardKeys(random)).map(([name, source]) => ({
    name,
    count,
    isShort: false,
    source: () => source,
  }));
  const long = { name: 'of 60,000 bytes', count: plan.longKeys, isShort: true };
  return [...chosen, ...hard, { ...long, source: () => longKeys }];
}

/** The cost of lookups, or a description of the violation. */
async function oneRun(
  { target, settings }: SimulatedParts<HostileKeys>,
  enemy: KeyEnemy,
  random: Prng,
  kind: Kind,
): Promise<RunCosts | string> {
  const run = new HostileKeysRun(target, enemy, settings, random.nextUint32());
  try {
    return await run.run(kind.source(await run.open()), kind.count);
  } catch (error) {
    return (error as Error)?.message ?? String(error);
  }
}

function excess(
  { settings }: SimulatedParts<HostileKeys>,
  { count, isShort }: Kind,
  costs: RunCosts,
  chance: RunCosts,
): string | undefined {
  const probesMax = PROBE_FACTOR_MAX * Math.max(PROBE_MIN, chance.longestProbe);
  if (costs.longestProbe > probesMax) {
    return `a lookup went past ${costs.longestProbe} places; by chance ${chance.longestProbe}, stated are ${probesMax}`;
  }
  if (costs.failedProbesARead > FAILED_PROBES_A_READ_MAX) {
    return `a lookup compared its key with ${costs.failedProbesARead.toFixed(1)} others on average`;
  }
  const indexBytesMax = INDEX_BYTES_A_KEY_MAX * count + INDEX_BYTES_A_STORE;
  if (isShort && costs.indexBytesAKey * count > indexBytesMax) {
    return `finding keys takes ${Math.round(costs.indexBytesAKey)} bytes of memory a key`;
  }
  const { segmentBytes, cacheBytes } = settings as Record<string, number>;
  const memoryMax = SEGMENTS_MAX * segmentBytes! + cacheBytes! + 4 * indexBytesMax;
  if (isShort && costs.memoryBytes > memoryMax) {
    return `it holds ${costs.memoryBytes} bytes of memory; stated are ${memoryMax}`;
  }
  return undefined;
}
