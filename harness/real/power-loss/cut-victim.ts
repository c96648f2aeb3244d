/**
 * Cuts the power under one victim, again and again, each time on a fresh file system, and compares
 * what it acknowledged with what it has afterwards. The first acknowledgements of each run are
 * audited as well: was what they promise on the medium when they were given? That needs no crash.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Prng } from '../../random/prng.ts';
import { lacking } from '../abilities.ts';
import { makeScratch, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import { FuseMount } from './fuse-mount.ts';
import type { RunningVictim, Victim } from './victim.ts';

export interface CutOptions {
  readonly cycles: number;
  /** Writes before each cut. */
  readonly records: number;
  /** Of them, the first so many are audited. */
  readonly audited: number;
  readonly seed: number;
  /** Syncs are called done, and are not: then even the safest configuration must lose. */
  readonly lyingDisk: boolean;
}

export interface CutResult {
  readonly acknowledged: number;
  readonly lost: number;
  /** Acknowledgements that came before what they promise was on the medium; of how many. */
  readonly early: number;
  readonly audited: number;
  readonly syncs: number;
  /** What a store said that could not be opened or read after a cut. */
  readonly broken: readonly string[];
}

/** Throws when the victim can't even be started for the first time. */
export async function cutVictim(
  victim: Victim,
  options: CutOptions,
  progress: (cycle: number) => void = () => undefined,
): Promise<CutResult> {
  const total = { acknowledged: 0, lost: 0, early: 0, audited: 0, syncs: 0 };
  const broken: string[] = [];
  for (let cycle = 0; cycle < options.cycles; cycle++) {
    progress(cycle);
    const random = new Prng(options.seed).derive(
      `${victim.system} ${victim.configuration} ${cycle}`,
    );
    const result = await cutOnce(victim, options, random, cycle % 2 === 0 ? 'none' : 'some');
    for (const name of ['acknowledged', 'lost', 'early', 'audited', 'syncs'] as const) {
      total[name] += result[name];
    }
    broken.push(...result.broken);
  }
  return { ...total, broken };
}

/** Whether the outcome is what the configuration lets one expect. */
export function isAsExpected({ expect }: Victim, result: CutResult, lyingDisk: boolean): boolean {
  const loses = result.lost > 0 || result.broken.length > 0;
  if (lyingDisk || expect === 'loses') return loses;
  return !loses && result.early === 0 && result.acknowledged > 0;
}

/** What this machine lacks for the victim, in words. */
export function missingFor(victim: Victim): string[] {
  return lacking(['fuse', ...victim.needs]);
}

async function cutOnce(
  victim: Victim,
  options: CutOptions,
  random: Prng,
  mode: 'none' | 'some',
): Promise<CutResult> {
  const scratch = makeScratch();
  const watchdog = new Watchdog();
  const directory = join(scratch, 'mount');
  mkdirSync(directory);
  if (victim.user !== undefined) spawnSync('chown', [victim.user, scratch]);
  const mount = await FuseMount.on(directory, ownerOf(victim.user));
  const place = { directory, scratch, watchdog };
  let running: RunningVictim | undefined;
  try {
    running = await victim.start(place, true);
    await mount.lie(options.lyingDisk);
    const written = await write(running, mount, options, random);
    const syncs = await mount.syncs();
    await running.kill();
    await mount.cut(mode, random.nextUint32());
    const broken: string[] = [];
    let lost = 0;
    try {
      running = await victim.start(place, false);
      const there = await running.read();
      lost = written.acknowledged.filter((number) => !there.has(number)).length;
    } catch (error) {
      broken.push(firstLine(String((error as Error)?.message ?? error)));
    }
    const { acknowledged, early, audited } = written;
    return { acknowledged: acknowledged.length, lost, early, audited, syncs, broken };
  } finally {
    await running?.kill().catch(() => undefined);
    await mount.unmount();
    await watchdog.end();
    removeScratch(scratch);
  }
}

/** Writes one record after the other, and is interrupted somewhere in the last third. */
async function write(
  running: RunningVictim,
  mount: FuseMount,
  { records, audited }: CutOptions,
  random: Prng,
) {
  const acknowledged: number[] = [];
  let early = 0;
  let looked = 0;
  const last = random.between(Math.ceil((2 * records) / 3), records);
  for (let number = 1; number <= last; number++) {
    const token = `token-${number}-${random.nextUint32().toString(36)}${random.nextUint32().toString(36)}`;
    if (number <= audited) await mount.beginAudit();
    await running.write(number, token);
    acknowledged.push(number);
    if (number > audited) continue;
    looked++;
    if (!(await mount.isDurable(token))) early++;
  }
  return { acknowledged, early, audited: looked };
}

function ownerOf(user: string | undefined): { uid: number; gid: number } | undefined {
  if (user === undefined) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, user]).stdout.toString().trim());
  return { uid: id('-u'), gid: id('-g') };
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.slice(0, 200);
}
