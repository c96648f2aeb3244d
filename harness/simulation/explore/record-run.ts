/**
 * Runs one small workload on a simulated store from start to end, and visits every step that changes the possible
 * crash states.
 */
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import type { DirectSnapshot, DirectStore } from '../sim/direct-store.ts';
import { SimDisk, type SimDiskOptions } from '../sim/sim-disk.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { type InstantWorld, instantWorld } from '../sim/world.ts';
import { CommitLog, describeContent, sameContent } from './commit-log.ts';
import { BEGINNINGS, type Operation, operationNamed, type Workload } from './operation.ts';

export const DIRECTORY = 'store';
/** The store's own random choices: the same for all workloads, so that equal states are equal. */
const STORE_SEED = 1;

export interface RecordedParts {
  readonly target: SimulatedTarget;
  readonly settings: Settings;
  readonly sectorBytes: number;
}

/** What could be crashed right now. Valid only during the visit. */
export interface CrashPoint {
  readonly disk: SimDisk;
  readonly step: string;
  readonly log: CommitLog;
}

interface Held {
  readonly snapshot: DirectSnapshot;
  readonly shown: ReturnType<DirectSnapshot['read']>;
}

/** Answers the problem that showed without any crash, if one did. Rejects as the store does. */
export async function recordRun(
  parts: RecordedParts,
  workload: Workload,
  visit: (point: CrashPoint) => void,
): Promise<string | undefined> {
  const run = new Run(parts, visit);
  await run.open(undefined);
  let place = 0;
  for (const name of BEGINNINGS[workload.beginning]!) {
    await run.perform(operationNamed(name), `start ${++place}`);
  }
  run.watching = true;
  for (const operation of workload.operations) {
    await run.perform(operation, `value ${++place}`);
    const problem = run.problem();
    if (problem !== undefined) return `after ${operation.name}: ${problem}`;
  }
  await run.close();
  return undefined;
}

/** Whether an acknowledged commit is to survive a power cut, as the settings have it. */
export function syncsCommits({ durability, intervalMs }: Settings): boolean {
  return (durability ?? 'sync') === 'sync' && intervalMs === undefined;
}

class Run {
  readonly #parts: RecordedParts;
  readonly #log = new CommitLog();
  readonly #visit: (point: CrashPoint) => void;
  readonly #syncs: boolean;
  #world!: InstantWorld;
  #store!: DirectStore;
  #held: Held | undefined;
  watching = false;

  constructor(parts: RecordedParts, visit: (point: CrashPoint) => void) {
    this.#parts = parts;
    this.#visit = visit;
    this.#syncs = syncsCommits(parts.settings);
  }

  /** On a new disk, or on the disk that an earlier process left. */
  async open(left: SimDisk | undefined): Promise<void> {
    const { target, settings } = this.#parts;
    const random = new Prng(STORE_SEED);
    const disk = left ?? new SimDisk(this.#diskOptions(random));
    this.#world = instantWorld(target, disk, random);
    this.#store = await target.openDirect(this.#world.env, DIRECTORY, settings);
    this.#log.promised = this.#log.issued; // recovery syncs what it serves
  }

  async perform(operation: Operation, token: string): Promise<void> {
    const log = this.#log;
    await Promise.all(
      (operation.commits?.(token) ?? []).map(async (changes) => {
        const number = log.issue(changes);
        await this.#store.write(changes);
        if (this.#syncs) log.promised = Math.max(log.promised, number);
      }),
    );
    switch (operation.act) {
      case 'checkpoint':
        await this.#store.checkpoint();
        log.promised = log.issued;
        break;
      case 'compact':
        await this.#store.compact();
        log.promised = log.issued;
        break;
      case 'reopen':
        await this.close();
        await this.open(this.#world.disk);
        break;
      case 'kill': {
        this.#held = undefined;
        const options = this.#diskOptions(new Prng(STORE_SEED));
        await this.open(this.#world.disk.crashClone('kill', options));
        break;
      }
      case 'hold': {
        this.#held?.snapshot.close();
        const snapshot = this.#store.snapshot();
        this.#held = { snapshot, shown: snapshot.read() };
        break;
      }
      case 'wait':
        this.#world.elapse();
        for (let turns = 0; turns < 50; turns++) await Promise.resolve();
        break;
      default:
    }
  }

  /** What a reader of the running store would complain about. */
  problem(): string | undefined {
    const { breach } = this.#world.disk;
    if (breach !== undefined) return breach;
    const expected = this.#log.content(this.#log.issued);
    const store = this.#store;
    const shown = store.read();
    if (!sameContent(shown, expected)) {
      return `it shows ${describeContent(shown)} instead of ${describeContent(expected)}`;
    }
    if (!sameContent(store.readReversed(), expected)) return 'backwards it shows something else';
    for (const [key, value] of expected) {
      if (store.get(key) !== value) return `${key} has another value when it is read by itself`;
    }
    if (this.#held !== undefined && !sameContent(this.#held.snapshot.read(), this.#held.shown)) {
      return `a snapshot of ${describeContent(this.#held.shown)} has changed to ${describeContent(this.#held.snapshot.read())}`;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#held?.snapshot.close();
    this.#held = undefined;
    await this.#store.close();
  }

  #diskOptions(random: Prng): SimDiskOptions {
    const { target, sectorBytes } = this.#parts;
    return {
      random: random.derive('disk'),
      error: target.diskError,
      sectorBytes,
      onStep: (step) => {
        if (!this.watching) return;
        this.#visit({ disk: this.#world.disk, step, log: this.#log });
      },
    };
  }
}
