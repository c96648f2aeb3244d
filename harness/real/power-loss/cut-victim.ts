/**
 * Cuts the power under one victim, again and again, each time on a fresh file system, and compares
 * what it acknowledged with what it has afterwards. The first acknowledgements of each run are
 * audited as well: was what they promise on the medium when they were given? That needs no crash.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PowerCutFigures } from '../../contract/power-cut-record.ts';
import { Prng } from '../../random/prng.ts';
import { lacking } from '../abilities.ts';
import { makeScratch, mountIn, removeScratch } from '../scratch.ts';
import { Watchdog } from '../watchdog.ts';
import { FuseMount } from './fuse-mount.ts';
import { type SyscallFault, SyscallInjector } from './syscall-injector.ts';
import type { RunningVictim, Victim } from './victim.ts';
import type { FileSystemModel } from './volatile/models.ts';

const PATIENCE_MS = 10_000;
/** Refused writes, one after the other or not, after which nothing more is tried. */
const REFUSED_MAX = 5;

export interface CutOptions {
  readonly cycles: number;
  /** Writes before each cut. */
  readonly records: number;
  /** Of them, the first so many are audited. */
  readonly audited: number;
  readonly seed: number;
  /** Whose promises the file system keeps; left out, those of ext4. */
  readonly model?: FileSystemModel;
  /** Syncs are called done, and are not: then even the safest configuration must lose. */
  readonly lyingDisk: boolean;
  /** What goes wrong with system calls of the process before the cut, from which call on. */
  readonly fault?: { readonly kind: SyscallFault; readonly at: number };
}

/** Throws when the victim can't even be started for the first time. */
export async function cutVictim(
  victim: Victim,
  options: CutOptions,
  progress: (cycle: number) => void = () => undefined,
): Promise<PowerCutFigures> {
  const total = {
    acknowledged: 0,
    lost: 0,
    early: 0,
    audited: 0,
    syncs: 0,
    struck: 0,
    refused: 0,
  };
  const broken: string[] = [];
  for (let cycle = 0; cycle < options.cycles; cycle++) {
    progress(cycle);
    const random = new Prng(options.seed).derive(
      `${victim.system} ${victim.configuration} ${cycle}`,
    );
    const result = await cutOnce(victim, options, random, cycle % 2 === 0 ? 'none' : 'some');
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += result[name];
    broken.push(...result.broken);
  }
  return { ...total, broken };
}

/** Whether the outcome is what the configuration lets one expect. */
export function isAsExpected(
  { expect }: Victim,
  result: PowerCutFigures,
  { lyingDisk, fault }: Pick<CutOptions, 'lyingDisk' | 'fault'>,
): boolean {
  // A fault that never struck shows nothing.
  if (fault !== undefined && result.struck === 0) return false;
  const loses = result.lost > 0 || result.broken.length > 0;
  if (lyingDisk || fault?.kind.when === 'always' || expect === 'loses') return loses;
  return !loses && result.early === 0 && result.acknowledged > 0;
}

/** What this machine lacks for the victim, in words. */
export function missingFor(victim: Victim, { fault }: Pick<CutOptions, 'fault'>): string[] {
  if (fault?.kind.calls === 'syncs' && victim.syncsByWriting === true) {
    return ['syncs by calls of their own: its commits are synced by a write with O_DSYNC'];
  }
  return lacking(['fuse', ...(fault === undefined ? [] : ['strace']), ...victim.needs]);
}

async function cutOnce(
  victim: Victim,
  options: CutOptions,
  random: Prng,
  mode: 'none' | 'some',
): Promise<PowerCutFigures> {
  const scratch = makeScratch();
  const watchdog = new Watchdog();
  const directory = mountIn(scratch);
  watchdog.guard({ directory: scratch });
  watchdog.guard({ mount: directory });
  mkdirSync(directory);
  if (victim.user !== undefined) spawnSync('chown', [victim.user, scratch]);
  const mount = await FuseMount.on(directory, ownerOf(victim.user), options.model?.name);
  const place = { directory, scratch, watchdog };
  let running: RunningVictim | undefined;
  let injector: SyscallInjector | undefined;
  try {
    running = await victim.start(place, true);
    await mount.lie(options.lyingDisk);
    if (options.fault !== undefined) {
      const { kind: fault, at } = options.fault;
      const log = join(scratch, 'strace.log');
      injector = await SyscallInjector.attach({ fault, at, pid: running.pid, directory, log });
    }
    const written = await write(running, mount, options, random);
    const syncs = await mount.syncs();
    await running.kill();
    await injector?.detach();
    const struck = injector?.struck ?? 0;
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
    const { acknowledged, ...seen } = written;
    return { ...seen, acknowledged: acknowledged.length, lost, syncs, struck, broken };
  } finally {
    await injector?.detach();
    await running?.kill().catch(() => undefined);
    await mount.unmount();
    await watchdog.end();
    removeScratch(scratch);
  }
}

/**
 * Writes one record after the other, and is interrupted somewhere in the last third. Where faults
 * are injected writes may be refused, or never answered; the victim is given up after a few.
 */
async function write(
  running: RunningVictim,
  mount: FuseMount,
  { records, audited, fault }: CutOptions,
  random: Prng,
) {
  const acknowledged: number[] = [];
  let early = 0;
  let looked = 0;
  let refused = 0;
  const last = random.between(Math.ceil((2 * records) / 3), records);
  for (let number = 1; number <= last; number++) {
    const token = `token-${number}-${random.nextUint32().toString(36)}${random.nextUint32().toString(36)}`;
    if (number <= audited) await mount.beginAudit();
    try {
      await within(PATIENCE_MS, running.write(number, token));
    } catch (error) {
      if (fault === undefined) throw error;
      const isMute = error instanceof MuteError;
      if (++refused === REFUSED_MAX || isMute) break;
      continue;
    }
    acknowledged.push(number);
    if (number > audited) continue;
    looked++;
    if (!(await mount.isDurable(token))) early++;
  }
  return { acknowledged, early, audited: looked, refused };
}

class MuteError extends Error {}

function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MuteError(`no answer in ${ms / 1000} s`)), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function ownerOf(user: string | undefined): { uid: number; gid: number } | undefined {
  if (user === undefined) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, user]).stdout.toString().trim());
  return { uid: id('-u'), gid: id('-g') };
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.slice(0, 200);
}
