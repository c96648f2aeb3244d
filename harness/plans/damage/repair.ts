/**
 * Repair: stores that were damaged, as `damage` does it, and then repaired. A repair may give up what
 * was damaged, and says so. Whatever it gave up, the store opens afterwards, its own walk finds
 * nothing, it shows nothing that was never written, it takes a write, and a second repair has nothing
 * to do. Where nothing was given up, everything is there; and one flipped bit costs a block of a run
 * at most.
 */

import { nothingWrong, type Outcome } from '../../cells/outcome.ts';
import type { SimulatedParts } from '../../cells/parts.ts';
import type { Repair } from '../../contract/scenario.ts';
import { isOperationError, type Settings } from '../../contract/target.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { deriveSeed, Prng } from '../../random/prng.ts';
import { ModelDraws } from '../../simulation/model/model-draws.ts';
import { ModelMap } from '../../simulation/model/model-map.ts';
import { SimDisk } from '../../simulation/sim/sim-disk.ts';
import type { Repaired, SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { instantWorld } from '../../simulation/sim/world.ts';
import { DIRECTORY } from '../simulation.ts';
import { type Damaged, damagedCopy } from './damaged-copy.ts';

const FAULTS_A_STORE = 40;
/** Least bytes that a record takes in a block. */
const RECORD_BYTES_MIN = 20;
const AFTER = ['after the repair', 'written'] as const;

interface Whole {
  readonly disk: SimDisk;
  readonly model: ModelMap;
  /** Every value that any key ever had. */
  readonly written: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function runRepair(parts: SimulatedParts<Repair>): Promise<Outcome> {
  const { target, settings, plan, seed, progress } = parts;
  const figures = { damagedStores: 0, repaired: 0, nothingGivenUp: 0, beyondRepair: 0 };
  let bad: string | undefined;
  let goOn = true;
  for (let run = 0; figures.damagedStores < plan.faults && bad === undefined && goOn; run++) {
    const runSeed = deriveSeed(seed, `run ${run}`);
    const random = new Prng(runSeed);
    const whole = await makeStore(target, settings, random, plan.commits);
    for (let i = 0; i < FAULTS_A_STORE && bad === undefined; i++) {
      const damaged = damagedCopy(target, whole.disk, random.derive('fault', i));
      figures.damagedStores++;
      const outcome = await repairOnce(parts, whole, damaged);
      if (outcome === 'beyond repair') figures.beyondRepair++;
      else if (typeof outcome === 'string')
        bad = `${damaged.what}: ${outcome} — run seed ${runSeed}`;
      else if (outcome.problems.length > 0) {
        figures.repaired++;
        if (outcome.givenUp.length === 0) figures.nothingGivenUp++;
      }
    }
    goOn = progress(Math.min(figures.damagedStores, plan.faults), plan.faults, 'damaged stores');
  }
  const counts = { repaired: figures.repaired };
  const verdict: Verdict =
    bad !== undefined
      ? { validity: 'invalid', reasons: [bad], counts }
      : figures.repaired > 0 || !goOn
        ? nothingWrong(figures.damagedStores, plan.faults, 'damaged stores', counts)
        : { validity: 'unknown', reasons: ['no repair had anything to do'], counts };
  return { verdict, figures, notVerified: [] };
}

/** A store that was written for a while, and then closed or killed. */
async function makeStore(
  target: SimulatedTarget,
  settings: Settings,
  random: Prng,
  commits: number,
): Promise<Whole> {
  const options = { random: random.derive('disk'), error: target.diskError };
  const disk = new SimDisk(options);
  const draws = new ModelDraws(random.derive('draws'), settings);
  const model = new ModelMap();
  const written = new Map<string, Set<string>>();
  const { env } = instantWorld(target, disk, random.derive('world'));
  const store = await target.openDirect(env, DIRECTORY, settings);
  for (let i = 0; i < commits; i++) {
    const changes = draws.changes();
    for (const [key, value] of changes) {
      if (value === null) continue;
      const values = written.get(key);
      if (values === undefined) written.set(key, new Set([value]));
      else values.add(value);
    }
    model.apply(changes);
    await store.write(changes);
  }
  if (random.chance(0.3)) await store.compact();
  if (random.chance(0.5)) await store.close();
  return { disk: disk.crashClone('all-kept', options), model, written };
}

/** The report of the repair, or a description of the violation. */
async function repairOnce(
  { target, settings }: SimulatedParts<Repair>,
  whole: Whole,
  { disk, kind, isLog }: Damaged,
): Promise<Repaired | string> {
  const worldOf = () => instantWorld(target, disk, new Prng(1)).env;
  let report: Repaired;
  try {
    report = await target.repair!(worldOf(), DIRECTORY);
  } catch (error) {
    if (isOperationError(error) && !isLog) return 'beyond repair';
    if (isOperationError(error)) return `a damaged log is beyond repair: ${error.message}`;
    return `an untyped error: ${(error as Error).message}`;
  }
  if (report.problems.length === 0) return report; // of a torn tail no repair knows
  try {
    const [problem] = target.verify(disk, DIRECTORY);
    if (problem !== undefined) return `after the repair ${problem}`;
    const store = await target.openDirect(worldOf(), DIRECTORY, settings);
    const shown = new ModelMap(store.read());
    for (const [key, value] of shown.read()) {
      if (whole.written.get(key)?.has(value) !== true)
        return `${key} has a value that was never written`;
    }
    const missing = differences(whole.model, shown);
    const { givenUp } = report;
    if (givenUp.length === 0 && missing > 0)
      return `${missing} records differ, and nothing is given up`;
    const isManifest = givenUp.some((what) => what.includes('manifest'));
    const most = numberOf(settings, 'blockBytes', 8192) / RECORD_BYTES_MIN;
    if (kind.name === 'bit flipped' && !isLog && !isManifest && missing > most) {
      return `one bit cost ${missing} records`;
    }
    await store.write([AFTER]);
    if (store.get(AFTER[0]) !== AFTER[1]) return 'a write after the repair is not seen';
    await store.close();
    const again = await target.repair!(worldOf(), DIRECTORY);
    return again.problems.length > 0 ? `and then again ${again.problems[0]}` : report;
  } catch (error) {
    return `after the repair: ${(error as Error).message}`;
  }
}

/** Keys that one of the two has otherwise, or not at all. */
function differences(a: ModelMap, b: ModelMap): number {
  const keys = new Set([...a.read(), ...b.read()].map(([key]) => key));
  return [...keys].filter((key) => a.get(key) !== b.get(key)).length;
}

function numberOf(settings: Settings, name: string, otherwise: number): number {
  const value = settings[name];
  return typeof value === 'number' ? value : otherwise;
}
