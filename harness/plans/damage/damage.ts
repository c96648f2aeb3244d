/**
 * Damage: flips one bit of a store's files; or cuts, removes or swaps one file; or loses or misdirects one write.
 * The store is then verified, opened and read. The damage must be found and never served as good data.
 *
 * - In the manifest and in runs every bit is live: `verify` must find each flip and each cut.
 * - In the log only bytes up to the last durable mark are promised. Commits behind it look like a torn tail, so
 *   their loss is allowed. Made-up and partially applied data never is.
 */

import { nothingWrong, type Outcome } from '../../cells/outcome.ts';
import type { SimulatedParts } from '../../cells/parts.ts';
import { judge } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { operationsOf } from '../../contract/pairing.ts';
import type { Damage } from '../../contract/scenario.ts';
import { isOperationError } from '../../contract/target.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { deriveSeed, Prng } from '../../random/prng.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { instantWorld } from '../../simulation/sim/world.ts';
import { readFinally } from '../crash/final-reads.ts';
import { DIRECTORY, simulate } from '../simulation.ts';
import { DAMAGE_KINDS } from './damage-kinds.ts';
import { type Damaged, damagedCopy } from './damaged-copy.ts';
import { contentOf, markedStore } from './marked-store.ts';

type DamageParts = SimulatedParts<Damage>;

const FAULTS_A_STORE = 100;
/** Beside them, damaged stores whose log is vouched for to its end. */
const MARKED_A_STORE = 20;

export async function runDamage(parts: DamageParts): Promise<Outcome> {
  const { target, plan, seed, progress } = parts;
  const figures = {
    damagedStores: 0,
    damagedMarkedLogs: 0,
    foundByVerify: 0,
    refused: 0,
    readAnyway: 0,
  };
  const byKind = new Map(DAMAGE_KINDS.map(({ name }) => [`damage ${name}`, 0]));
  let bad: string | undefined;
  let goOn = true;
  for (let run = 0; figures.damagedStores < plan.faults && bad === undefined && goOn; run++) {
    const runSeed = deriveSeed(seed, `run ${run}`);
    const random = new Prng(runSeed).derive('damage');
    const { disk, operations } = await makeStore(parts, runSeed, run % 2 === 0);
    for (let i = 0; i < MARKED_A_STORE && bad === undefined; i++) {
      bad = await damageMarked(parts, random.derive(`marked ${i}`));
      figures.damagedMarkedLogs++;
      if (bad !== undefined) bad = `${bad} — run seed ${runSeed}`;
    }
    for (let i = 0; i < FAULTS_A_STORE && bad === undefined; i++) {
      const damaged = damagedCopy(target, disk, random);
      figures.damagedStores++;
      const name = `damage ${damaged.kind.name}`;
      byKind.set(name, (byKind.get(name) ?? 0) + 1);
      const found = verifyFinds(target, damaged.disk);
      if (found) figures.foundByVerify++;
      const { isLog } = damaged;
      if (!found && !isLog) bad = 'verify does not notice it';
      else {
        const served = await serve(parts, damaged, isLog ? excused(operations) : operations);
        if (served === 'refused') figures.refused++;
        else if (served === 'valid') figures.readAnyway++;
        else bad = served;
      }
      if (bad !== undefined) bad = `${damaged.what}: ${bad} — run seed ${runSeed}`;
    }
    goOn = progress(Math.min(figures.damagedStores, plan.faults), plan.faults, 'damaged stores');
  }
  const damaged = figures.damagedStores;
  const counts = { damaged };
  const verdict: Verdict =
    bad === undefined
      ? nothingWrong(damaged, plan.faults, 'damaged stores', counts)
      : { validity: 'invalid', reasons: [bad], counts };
  const notVerified = ['loss of log commits behind the last durable mark, after damage to them'];
  return { verdict, figures: { ...figures, ...Object.fromEntries(byKind) }, notVerified };
}

/** A store that ran for a while and was closed, or killed with commits in its log. */
async function makeStore(parts: DamageParts, seed: number, closed: boolean) {
  const { operations, clients } = parts.plan;
  let disk: SimDisk | undefined;
  let events = 0;
  const random = new Prng(seed).derive('keep');
  const options = { random, error: parts.target.diskError };
  const run = await simulate({
    ...parts,
    seed,
    clients,
    operations,
    onStep(live, recorder) {
      const killed = !closed && recorder.length > operations;
      if (killed && disk !== undefined) return;
      disk = live.crashClone(killed ? 'none-kept' : 'all-kept', options);
      events = recorder.length;
    },
  });
  if (disk === undefined) throw new Error('the run took no step');
  return { disk, operations: operationsOf(run.events, closed ? run.events.length : events) };
}

/** Damages a log that a mark vouches for; answers what is wrong with how that was met. */
async function damageMarked(parts: DamageParts, random: Prng): Promise<string | undefined> {
  const { target, settings } = parts;
  const { disk, content } = await markedStore(target, settings, random);
  const damaged = damagedCopy(target, disk, random);
  if (!damaged.isLog || damaged.kind.takesMarks === true) return undefined;
  const found = verifyFinds(target, damaged.disk);
  try {
    const shown = await contentOf(target, settings, damaged.disk);
    if (JSON.stringify(shown) === JSON.stringify(content)) return undefined;
    const what = found ? 'verify names it, and it opens' : 'it opens';
    return `${damaged.what}, in a log that was marked durable to its end: ${what} without some of it`;
  } catch (error) {
    if (isOperationError(error)) return undefined;
    return `${damaged.what}: it fails with an untyped error: ${String(error)}`;
  }
}

function verifyFinds(target: SimulatedTarget, disk: SimDisk): boolean {
  try {
    return target.verify(disk, DIRECTORY).length > 0;
  } catch (error) {
    return isOperationError(error);
  }
}

/** Opens and reads: `refused` with a typed error, `valid`, or what is wrong with what was served. */
async function serve(
  parts: DamageParts,
  { disk }: Damaged,
  before: readonly Operation[],
): Promise<string> {
  const operations = [...before];
  try {
    const { env } = instantWorld(parts.target, disk, new Prng(1));
    const store = await parts.target.open(env, DIRECTORY, parts.settings);
    const session = await store.connect();
    const workload = parts.workload.create({ ...parts.workload.options, ...parts.workloadOptions });
    await readFinally(workload, session, operations);
  } catch (error) {
    if (isOperationError(error)) return 'refused';
    return `it fails with an untyped error: ${String((error as Error)?.message ?? error)}`;
  }
  for (const checker of parts.checkers) {
    const { validity, reasons } = judge(checker, operations);
    if (validity !== 'valid') return reasons[0] ?? validity;
  }
  return 'valid';
}

/**
 * Operations as they count after damage, which may destroy acknowledged commits: their outcome is
 * indeterminate, and reads before the damage prove nothing.
 */
function excused(operations: readonly Operation[]): Operation[] {
  const unread = operations.filter(({ f }) => f !== 'read');
  return unread.map((operation) => {
    if (operation.type !== 'ok') return operation;
    return { ...operation, type: 'info', completedIndex: Number.POSITIVE_INFINITY };
  });
}
