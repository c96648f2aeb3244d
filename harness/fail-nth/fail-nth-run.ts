/**
 * FailNthRun: one simulated store from open to close, with one call into its environment failing, or all from one
 * on. Returns the first violation of:
 *
 * 1. Every operation ends, with a result or a typed error. A close always ends with a result, even if a call
 *    never returns.
 * 2. An operation that failed definitely is never visible. Every acknowledged write is present, at once and after
 *    a close, a kill and a power cut.
 * 3. After one failure the store accepts writes again, or refuses them with `store-failed`.
 * 4. A failed open, and a close, leave no descriptor, lock, worker or foreign file; nothing is touched later.
 * 5. Reopened without failures, the store passes verification and holds every acknowledged write.
 */
import type { CrashMode } from '../contract/fault.ts';
import { isOperationError, type OperationError, type Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY, syncsCommits } from '../simulation/explore/record-run.ts';
import type { Change, Content, DirectStore } from '../simulation/sim/direct-store.ts';
import { FailingCalls, type Way } from '../simulation/sim/failing-calls.ts';
import { Scheduler } from '../simulation/sim/scheduler.ts';
import type { SimDisk, SimDiskOptions } from '../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { scheduledWorld, type World } from '../simulation/sim/world.ts';
import { Allowed } from './allowed.ts';

/** Longer than the engine gives itself to close; whatever has not ended by then never will. */
const LIMIT_MS = 100_000;
/** How long a closed store is watched. */
const AFTERMATH_MS = 120_000;
const IDLE_MS = 1500;
const VALUE_BYTES = 170;
const SHARED_KEYS = 4;
const TRIES = 3;
const LOGS_MAX = 8;

export interface Failing {
  readonly call: number;
  readonly way: Way;
}

/** A manifest whose switch fails so may be on the disk or not. */
const IN_DOUBT = ['rename', 'syncDirectory'] as const;

/** What waits for a call that never ends. */
const UNANSWERED: OperationError = Object.assign(new Error('no answer'), {
  code: 'no-answer',
  definite: false,
});

class Wrong extends Error {}

export class FailNthRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #scheduler: Scheduler;
  readonly #failing: Failing | undefined;
  readonly calls: FailingCalls;
  readonly #allowed = new Allowed();
  #world!: World;
  #store!: DirectStore;
  #lives = 0;
  #written = 0;
  #step = 'the start';

  constructor(target: SimulatedTarget, settings: Settings, seed: number, failing?: Failing) {
    this.calls = new FailingCalls(target.diskError, failing);
    this.#target = target;
    this.#settings = settings;
    this.#failing = failing;
    this.#random = new Prng(seed);
    this.#scheduler = new Scheduler(this.#random.derive('scheduler'));
  }

  /** Never throws. */
  async problem(): Promise<string | undefined> {
    try {
      await this.#scheduler.runUntil(this.#live());
      return undefined;
    } catch (error) {
      const what =
        error instanceof Wrong ? error.message : String((error as Error)?.stack ?? error);
      return `${this.#step}: ${what}`;
    }
  }

  async #live(): Promise<void> {
    this.#next();
    await this.#open('a new store');
    await this.#work();
    await this.#serves();
    await this.#close();
    this.#crash('kill');
    await this.#open('after a close');
    await this.#writeSome(8);
    this.#crash('kill');
    await this.#open('after a kill');
    await this.#writeSome(20);
    await this.#sleep(IDLE_MS);
    await this.#serves();
    const cut = this.#random.pick(['none-kept', 'torn', 'all-kept'] as const);
    this.#crash(syncsCommits(this.#settings) ? cut : 'kill');
    this.calls.isOn = false;
    await this.#open('after a power cut, without failures');
    await this.#writeSome(3);
    await this.#close();
    const stray = this.#target.strayFiles?.(this.#world.disk, DIRECTORY) ?? [];
    if (stray.length > 0) throw new Wrong(`orphaned files are left: ${stray.join(', ')}`);
  }

  /** Everything a store does: rotation, flushes, merges, snapshots, transactions, a checkpoint. */
  async #work(): Promise<void> {
    await this.#writeSome(12);
    const snapshot = this.#try('snapshot', () => this.#store.snapshot());
    const shows = this.#allowed.copy();
    await this.#writeSome(12);
    if (snapshot !== undefined) this.#compare('the snapshot', () => snapshot.read(), shows);
    await this.#transact();
    await this.#writeTogether();
    await this.#ends('checkpoint', this.#store.checkpoint());
    this.#readSome();
    await this.#writeSome(24);
    snapshot?.close();
    await this.#sleep(IDLE_MS);
    await this.#ends('compact', this.#store.compact());
    this.#readSome();
    await this.#writeSome(6);
    await this.#ends('sync', this.#store.sync());
    await this.#sleep(IDLE_MS);
  }

  /** A failing attempt leaves nothing behind, and the next may succeed. */
  async #open(step: string): Promise<void> {
    this.#step = `opening ${step}`;
    for (let tries = 1; ; tries++) {
      if (tries === TRIES) this.calls.isOn = false;
      const before = new Set(this.#world.disk.files().map(([path]) => path));
      const env = this.calls.env(this.#world.env, this.#lives);
      const opening = this.#target.openDirect(env, DIRECTORY, this.#settings);
      const store = await this.#ends('open', opening);
      if (store !== undefined) {
        this.#store = store;
        break;
      }
      if (!this.calls.isOn) throw new Wrong('it cannot be opened without failures');
      if (this.#hangs) {
        this.#crash('kill');
        this.calls.isOn = false;
        continue;
      }
      await this.#leavesNothing(before);
    }
    this.#step = step;
    const isSettled = this.#compare('all', () => this.#store.read(), this.#allowed, true);
    const [problem] = this.#target.verify(this.#world.disk, DIRECTORY);
    if (isSettled && problem !== undefined) throw new Wrong(`verify: ${problem}`);
  }

  async #close(): Promise<void> {
    this.#step = 'the close';
    const closing = this.#store.close().catch((error: unknown) => {
      throw new Wrong(`close rejects: ${String(error)}`);
    });
    await this.#ends('close', closing);
    await this.#leavesNothing();
  }

  /** Nothing that was opened or begun is left; of files, what may be named may stay. */
  async #leavesNothing(before: ReadonlySet<string> = new Set()): Promise<void> {
    const { disk } = this.#world;
    await this.#sleep(AFTERMATH_MS);
    const { steps } = disk;
    if (disk.openFiles > 0 && !this.#hangs)
      throw new Wrong(`${disk.openFiles} files are left open`);
    if (disk.breach !== undefined) throw new Wrong(disk.breach);
    await this.#sleep(AFTERMATH_MS);
    if (disk.steps > steps) throw new Wrong('files are changed after the end');
    if (this.#failing === undefined || this.#failing.way.lasts !== 'once') return;
    const now = disk.files().map(([path]) => path);
    const logs = now.filter((path) => this.#target.isLog(path));
    if (logs.length > LOGS_MAX) throw new Wrong(`${logs.length} log files are left`);
    if (this.#mayBeInDoubt || this.#hangs) return;
    const live = new Set(this.#target.liveFiles(disk, DIRECTORY).map(({ path }) => path));
    const isLeft = (path: string) =>
      !this.#target.isLog(path) &&
      this.#target.isReserve?.(path) !== true &&
      !live.has(path) &&
      !before.has(path);
    const left = now.filter(isLeft);
    if (left.length > 0) throw new Wrong(`orphaned files are left: ${left.join(', ')}`);
  }

  /** Whether the switch of a manifest may be what failed: files that it may name stay. */
  get #mayBeInDoubt(): boolean {
    return IN_DOUBT.some((name) => this.calls.failed.has(name));
  }

  /** After one failure: takes writes, or says that it does not. */
  async #serves(): Promise<void> {
    this.#step = `${this.#step}, and then`;
    const isOver = this.#failing?.way.lasts === 'once' && !this.#hangs;
    if (!isOver && this.calls.failed.size > 0) return;
    this.#compare('all', () => this.#store.read(), this.#allowed);
    let error = await this.#write(this.#changes());
    // This very write may be what failed.
    if (error !== undefined) error = await this.#write(this.#changes());
    if (this.#hangs) return; // it is a call of these writes that never answers
    if (error !== undefined && !(error.code === 'store-failed' && error.definite)) {
      throw new Wrong(`it neither takes a write nor says that it does not: ${error.message}`);
    }
    this.#compare('all', () => this.#store.read(), this.#allowed);
  }

  async #writeSome(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.#write(this.#changes());
      if (i % 4 === 3) await this.#sleep(3);
    }
  }

  #changes(): Change[] {
    const i = this.#written++;
    const value = `${i} `.padEnd(VALUE_BYTES, '.');
    return [
      [`first ${i}`, value],
      [`second ${i}`, value],
      [`shared ${i % SHARED_KEYS}`, i % 7 === 6 ? null : value],
    ];
  }

  /** Answers the error, if it failed. */
  async #write(changes: readonly Change[]): Promise<OperationError | undefined> {
    const error = await this.#failureOf('write', this.#store.write(changes));
    if (error === undefined) this.#allowed.applied(changes);
    else if (!error.definite) this.#allowed.maybeApplied(changes);
    return error;
  }

  async #writeTogether(): Promise<void> {
    await Promise.all([1, 2, 3, 4].map(() => this.#write(this.#changes())));
  }

  async #transact(): Promise<void> {
    const transaction = this.#try('begin', () => this.#store.begin());
    if (transaction === undefined) return;
    const read = this.#try('get', () => transaction.get('shared 1'));
    const changes: Change[] = [['in a transaction', `after ${read}`.padEnd(VALUE_BYTES, '.')]];
    for (const change of changes) transaction.write(change);
    const error = await this.#failureOf('commit', transaction.commit());
    if (error === undefined) this.#allowed.applied(changes);
    else if (!error.definite) this.#allowed.maybeApplied(changes);
  }

  #readSome(): void {
    this.#compare('all', () => this.#store.read(), this.#allowed);
    this.#compare('all, backwards', () => this.#store.readReversed(), this.#allowed);
    const keys = [`first ${this.#written - 1}`, 'first 0', 'shared 1', 'nowhere'];
    for (const key of keys) {
      this.#try('get', () => {
        const problem = this.#allowed.problem(key, this.#store.get(key));
        if (problem !== undefined) throw new Wrong(problem);
      });
    }
    this.#try('get many', () => {
      for (const [i, value] of this.#store.getMany(keys).entries()) {
        const problem = this.#allowed.problem(keys[i]!, value);
        if (problem !== undefined) throw new Wrong(problem);
      }
    });
  }

  /** Whether it could be read. */
  #compare(what: string, read: () => Content, allowed: Allowed, settles = false): boolean {
    const content = this.#try(what, read);
    if (content === undefined) return false;
    const problem = allowed.problemWith(content, settles);
    if (problem !== undefined) throw new Wrong(`${what}: ${problem}`);
    return true;
  }

  #try<T>(what: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      typed(error, what);
      if (this.calls.failed.size === 0) throw error;
      return undefined;
    }
  }

  /** The value, or `undefined` if it failed as it may. */
  async #ends<T>(what: string, work: Promise<T>): Promise<T | undefined> {
    try {
      return await this.#within(what, work);
    } catch (error) {
      typed(error, what);
      if (this.calls.failed.size === 0) throw error;
      return undefined;
    }
  }

  #failureOf(what: string, work: Promise<unknown>): Promise<OperationError | undefined> {
    return this.#within(what, work).then(
      () => undefined,
      (error: unknown) => typed(error, what),
    );
  }

  /** Whether some call has not been answered, and never will. */
  get #hangs(): boolean {
    return this.#failing?.way.how === 'hang' && this.calls.failed.size > 0;
  }

  #within<T>(what: string, work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const never = () => {
        const mayHang = this.#hangs && what !== 'close';
        reject(mayHang ? UNANSWERED : new Wrong(`${what} never ends`));
      };
      const limit = this.#scheduler.after(LIMIT_MS, never);
      void work.then(resolve, reject).finally(() => limit.cancel());
    });
  }

  #sleep(ms: number): Promise<void> {
    return this.#scheduler.sleep(ms);
  }

  #crash(mode: CrashMode): void {
    const old = this.#world.disk;
    const random = this.#random.derive('crash', this.#lives);
    this.#next((options) => old.crashClone(mode, { ...options, random }));
  }

  #next(disk?: (options: SimDiskOptions) => SimDisk): void {
    const life = this.calls.beginLife();
    const inhabitant = {
      ...this.#target,
      runTask: (own: World['env']['disk'], task: unknown) =>
        this.#target.runTask(this.calls.disk(own, life), task),
    };
    this.#world = scheduledWorld(inhabitant, {
      scheduler: this.#scheduler,
      random: this.#random.derive('life', life),
      ...(disk === undefined ? {} : { disk }),
    });
    this.#lives = life;
  }
}

function typed(error: unknown, what: string): OperationError {
  if (isOperationError(error)) return error;
  if (error instanceof Wrong) throw error;
  throw new Wrong(`${what}: the error has no type: ${String((error as Error)?.stack ?? error)}`);
}
