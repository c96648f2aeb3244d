/**
 * UpkeepRun: one store under long load, phase by phase, measured from outside: by its disk, its
 * handles, virtual time, and what it says of its memory. A phase answers what is wrong.
 *
 * Bounds are in terms of what the settings promise: segments in memory and on disk, a number of runs
 * for each tier of merging, live data with the room that merging needs.
 */
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { type DirectStore, PASSES_BEFORE_KEPT } from '../../simulation/sim/direct-store.ts';
import { Scheduler } from '../../simulation/sim/scheduler.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { instantWorld, scheduledWorld, type World } from '../../simulation/sim/world.ts';
import { DIRECTORY } from '../simulation.ts';
import { restProblem } from './upkeep-rest.ts';
import { sweep } from './upkeep-sweep.ts';

const KEYS = 24;
const VALUE_BYTES = 60;
const CLIENTS = 4;
/** Segments on disk beyond those in memory: one ready, two spares. */
const SPARE_SEGMENTS = 4;
/** Larger caches are not filled. */
const CACHE_MAX = 256 * 1024;
/** Upper bound on `segmentBytes` in this test; larger ones are not filled often enough to make runs. */
const SEGMENT_MAX = 64 * 1024;
const RUNS_MAX = 100;
/** Time that a slow reader spends on each record. */
const WALK_MS = 20;
const RETRIES_MAX = 200;
/** Background work that writers outrun. */
const SLOW_STEP_MS = [5, 50] as const;

export class UpkeepRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #scheduler: Scheduler;
  readonly #world: World;
  readonly #each: number;
  readonly #expected = new Map<string, string>();
  #store!: DirectStore;
  #bad: string | undefined;
  /** Beside the usual keys. Runs that do not overlap need no merge while they weigh half a segment. */
  #filledBytes = 0;
  commits = 0;
  filesMax = 0;
  memoryMax = 0;

  constructor(target: SimulatedTarget, settings: Settings, seed: number, each: number) {
    this.#target = target;
    this.#settings = settings;
    this.#each = each;
    this.#random = new Prng(seed);
    this.#scheduler = new Scheduler(this.#random.derive('scheduler'));
    this.#world = scheduledWorld(target, {
      scheduler: this.#scheduler,
      random: this.#random,
      onStep: () => this.#look(),
      ...(this.#random.chance(0.5) ? {} : { stepMs: SLOW_STEP_MS }),
    });
  }

  get virtualMs(): number {
    return this.#scheduler.nowMs;
  }

  /** Runs all phases; answers the first problem. Never throws. */
  async problem(): Promise<string | undefined> {
    const phases = [
      ['overwriting', () => this.#overwrite()],
      ['loading', () => this.#load()],
      ['with a snapshot held open', () => this.#overwriteUnderSnapshot()],
      ['after transactions that came to nothing', () => this.#abandonTransactions()],
      ['after a sweep', () => sweep(this.#store).then(() => this.#shrinks('the sweep'))],
      ['on a full disk', () => this.#fillDisk()],
      ['with writers that want the same key', () => this.#contend()],
      ['reading again', () => this.#readAgain()],
      ['reading more than the cache holds', () => this.#readMuch()],
      ['after everything was deleted', () => this.#deleteAll()],
      ['at rest', () => this.#rest()],
    ] as const;
    try {
      await this.#scheduler.runUntil(this.#open());
      for (const [name, phase] of phases) {
        await this.#scheduler.runUntil(phase());
        this.#bad ??= this.#readsWrong();
        if (this.#bad !== undefined) return `${name}: ${this.#bad}`;
      }
      await this.#recover();
      if (this.#bad !== undefined) return `after a kill: ${this.#bad}`;
      await this.#scheduler.runUntil(this.#store.close());
      if (this.disk.openFiles > 0) return `${this.disk.openFiles} files are open after the close`;
      return undefined;
    } catch (error) {
      return (error as Error)?.message ?? String(error);
    }
  }

  async #open(): Promise<void> {
    const { env } = this.#world;
    this.#store = await this.#target.openDirect(env, DIRECTORY, this.#settings);
  }

  get disk(): SimDisk {
    return this.#world.disk;
  }

  #number(name: string, otherwise: number): number {
    const value = this.#settings[name];
    return typeof value === 'number' ? value : otherwise;
  }

  get #runsMax(): number {
    return 16 * this.#number('fanIn', 16);
  }

  /** What is no log and no room for a manifest: runs and the manifest. */
  #isRun(path: string): boolean {
    return !this.#target.isLog(path) && this.#target.isReserve?.(path) !== true;
  }

  /** Called at each step of the disk. */
  #look(): void {
    const { disk } = this;
    const files = disk.files();
    this.filesMax = Math.max(this.filesMax, files.length);
    const segmentBytes = this.#number('segmentBytes', 100_000_000);
    const unflushed = this.#number('maxUnflushedBytes', 4 * segmentBytes);
    const logs = files.filter(([path]) => this.#target.isLog(path));
    const logBytes = logs.reduce((sum, [, size]) => sum + size, 0);
    const logMax = unflushed + SPARE_SEGMENTS * segmentBytes;
    if (logBytes > logMax) this.#bad ??= `the log has ${logBytes} bytes, over ${logMax}`;
    const runs = files.filter(([path]) => this.#isRun(path)).length;
    const runsMax = this.#runsMax + Math.ceil(this.#filledBytes / (segmentBytes / 2));
    if (runs > runsMax) this.#bad ??= `there are ${runs} files beside the log, over ${runsMax}`;
    if (disk.openFiles > 2 * files.length + 8) {
      this.#bad ??= `${disk.openFiles} files are open, and there are ${files.length}`;
    }
    if (this.#store === undefined) return;
    const memory = this.#store.memoryBytes();
    this.memoryMax = Math.max(this.memoryMax, memory);
    // Indexes: of what is in memory as much again, of runs by their keys.
    const indexes = 8192 + unflushed + 64 * KEYS * (runs + 1);
    const cacheBytes = this.#number('memoryBytes', this.#number('cacheBytes', 2 ** 28));
    const memoryMax = unflushed + cacheBytes + indexes;
    if (memory > memoryMax) this.#bad ??= `it holds ${memory} bytes in memory, over ${memoryMax}`;
  }

  #readsWrong(): string | undefined {
    const shown = new Map(this.#store.read());
    for (const [key, value] of this.#expected) {
      if (shown.get(key) !== value) return `${key} reads ${shown.get(key)}, not ${value}`;
    }
    return shown.size === this.#expected.size ? undefined : 'keys that were never written';
  }

  async #put(key: string): Promise<void> {
    const value = `${++this.commits}`.padEnd(VALUE_BYTES, '.');
    this.#expected.set(key, value);
    await this.#store.write([[key, value]]);
  }

  async #overwrite(): Promise<void> {
    let left = this.#each;
    const client = async (number: number) => {
      while (left-- > 0) await this.#put(`key ${number} ${this.#random.below(KEYS / CLIENTS)}`);
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  }

  /** Writes more segments, without a pause, than the bound on runs: a store that does not merge exceeds it. */
  async #load(): Promise<void> {
    const segmentBytes = this.#number('segmentBytes', Number.POSITIVE_INFINITY);
    if (segmentBytes > SEGMENT_MAX || this.#runsMax > RUNS_MAX) return;
    let left = 4 * (this.#runsMax + 8);
    const client = async (number: number) => {
      while (left-- > 0) {
        const value = `${left}`.padEnd(segmentBytes / 4, '.');
        await this.#store.write([[`load ${number}`, value]]);
      }
      await this.#store.write([[`load ${number}`, null]]);
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  }

  /** Records that were just read fit the cache: reading them again must not touch the disk. */
  async #readAgain(): Promise<void> {
    await this.#store.compact();
    this.#readRepeatedly([...this.#expected.keys()].filter((key) => key.startsWith('key ')));
  }

  /** The cache is full, and makes room for what is wanted now. */
  async #readMuch(): Promise<void> {
    const cacheBytes = this.#number('cacheBytes', Number.POSITIVE_INFINITY);
    if (cacheBytes > CACHE_MAX) return;
    const blockBytes = this.#number('blockBytes', 8192);
    const large = await this.#fill('large', 'much '.repeat(blockBytes / 4), cacheBytes);
    const many = await this.#fill('much', 'much '.repeat(blockBytes / 16), 2 * cacheBytes);
    await this.#store.compact();
    await this.#store.close();
    await this.#open();
    // Blocks longer than a frame of the cache first: what they take has to be given to the others.
    for (const [key, value] of [...large, ...many]) {
      if (this.#store.get(key) !== value) this.#bad ??= `${key} is not found`;
      this.#look();
    }
    this.#readRepeatedly([many[0]![0], many.at(-1)![0]]);
    for (const [key] of [...large, ...many]) await this.#store.write([[key, null]]);
  }

  /** Writes the value under fresh keys until `bytes` are written. */
  async #fill(name: string, value: string, bytes: number): Promise<[key: string, value: string][]> {
    const count = Math.ceil(bytes / value.length);
    this.#filledBytes += bytes;
    const records = Array.from({ length: count }, (_, i): [string, string] => [
      `${name} ${i}`,
      value,
    ]);
    for (const record of records) await this.#store.write([record]);
    return records;
  }

  /** What was read `PASSES_BEFORE_KEPT` times must be in the cache: the next pass reads nothing. */
  #readRepeatedly(keys: readonly string[]): void {
    for (let pass = 0; pass < PASSES_BEFORE_KEPT; pass++) {
      for (const key of keys) this.#store.get(key);
    }
    const before = this.disk.bytesRead;
    for (const key of keys) this.#store.get(key);
    const again = this.disk.bytesRead - before;
    if (again > 0)
      this.#bad ??= `it read ${again} bytes that it had read ${PASSES_BEFORE_KEPT} times`;
  }

  async #overwriteUnderSnapshot(): Promise<void> {
    const snapshot = this.#store.snapshot();
    const before = JSON.stringify(snapshot.read());
    const walked: unknown[] = [];
    const walking = (async () => {
      for (const record of snapshot.walk({})) {
        walked.push(record);
        await this.#scheduler.sleep(WALK_MS);
      }
    })();
    walking.catch(() => undefined); // it is waited for below
    await this.#overwrite();
    await this.#store.compact();
    await walking;
    if (JSON.stringify(walked) !== before) this.#bad ??= 'a walk through it saw something else';
    if (JSON.stringify(snapshot.read()) !== before) this.#bad ??= 'the snapshot has changed';
    snapshot.close();
    await this.#overwrite();
    await this.#shrinks('the snapshot was closed');
  }

  /** Reads only, rolls back, loses a conflict: each must release its snapshot. */
  async #abandonTransactions(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const reader = this.#store.begin();
      reader.get('key 0 0');
      await reader.commit();
      const undone = this.#store.begin();
      undone.write(['key 0 0', 'never']);
      undone.rollback();
      const loser = this.#store.begin();
      loser.get('key 0 1');
      await this.#put('key 0 1');
      loser.write(['key 0 1', 'lost']);
      await loser.commit().then(
        () => {
          this.#bad ??= 'of two transactions that write a key both committed';
        },
        () => undefined,
      );
    }
    await this.#overwrite();
    await this.#shrinks('those transactions ended');
  }

  /** After a compaction a store has little more than its live data. */
  async #shrinks(since: string): Promise<void> {
    await this.#store.compact();
    const runs = this.disk.files().filter(([path]) => this.#isRun(path));
    const bytes = runs.reduce((sum, [, size]) => sum + size, 0);
    const live = this.#expected.size * (VALUE_BYTES + 40);
    const most = 4 * live + 4 * this.#number('blockBytes', 8192) + 8192;
    if (bytes > most) {
      this.#bad ??= `since ${since} its runs take ${bytes} bytes for ${live} of live data`;
    }
  }

  /** Writes end in errors, reads and deletes do not; when there is space again, all is as before. */
  async #fillDisk(): Promise<void> {
    const { disk } = this;
    const segmentBytes = this.#number('segmentBytes', 100_000_000);
    disk.capacityBytes = disk.usedBytes + 2 * segmentBytes;
    let refused = false;
    for (let i = 0; i < RETRIES_MAX && !refused; i++) {
      const filler = `filler ${i}`;
      const value = `${i}`.padEnd(Math.floor(segmentBytes / 4), '.');
      try {
        await this.#store.write([[filler, value]]);
        this.#expected.set(filler, value);
      } catch {
        refused = true;
      }
    }
    if (!refused) this.#bad ??= 'no write was refused';
    this.#bad ??= this.#readsWrong();
    for (const key of [...this.#expected.keys()]
      .filter((name) => name.startsWith('filler'))
      .slice(0, 3)) {
      await this.#store.write([[key, null]]);
      this.#expected.delete(key);
    }
    disk.capacityBytes = Number.MAX_SAFE_INTEGER;
    for (let tries = 0; ; tries++) {
      try {
        await this.#store.write([['key 0 0', 'space again']]);
        this.#expected.set('key 0 0', 'space again');
        break;
      } catch (error) {
        if (tries === RETRIES_MAX) {
          this.#bad ??= `with space again it still refuses: ${(error as Error).message}`;
          return;
        }
        await this.#scheduler.sleep(10);
      }
    }
    await this.#overwrite();
  }

  /** Transactions on one key, while others read: each writer gets its turn. */
  async #contend(): Promise<void> {
    const counts = Array.from({ length: CLIENTS }, () => 0);
    const rounds = Math.ceil(this.#each / 20);
    let total = 0;
    const writer = async (number: number) => {
      for (let done = 0; done < rounds; done++) {
        for (let tries = 0; ; tries++) {
          const transaction = this.#store.begin();
          const before = Number(transaction.get('hot') ?? 0);
          transaction.write(['hot', String(before + 1)]);
          try {
            await transaction.commit();
            break;
          } catch (error) {
            transaction.rollback();
            if (tries === RETRIES_MAX) throw error;
            await this.#scheduler.sleep(this.#random.fraction() * 20);
          }
        }
        counts[number]!++;
        total++;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => writer(number)));
    this.#expected.set('hot', String(total));
    this.commits += total;
  }

  async #deleteAll(): Promise<void> {
    for (const key of [...this.#expected.keys()]) {
      await this.#store.write([[key, null]]);
      this.#expected.delete(key);
    }
    await this.#shrinks('all was deleted');
  }

  async #rest(): Promise<void> {
    this.#bad ??= await restProblem({
      store: this.#store,
      scheduler: this.#scheduler,
      runs: () => this.disk.files().filter(([path]) => this.#isRun(path)).length,
      overwriteAll: async () => {
        for (let key = 0; key < KEYS; key++) await this.#put(`key 0 ${key}`);
      },
    });
  }

  /** Recovery reads each file a few times at most, and only files that exist. */
  async #recover(): Promise<void> {
    await this.#scheduler.runUntil(this.#overwrite());
    const options = { random: this.#random.derive('kill'), error: this.#target.diskError };
    const left = this.disk.crashClone('kill', options);
    const { env } = instantWorld(this.#target, left, this.#random.derive('after'));
    const recovered = await this.#target.openDirect(env, DIRECTORY, this.#settings);
    const readMax = 3 * left.usedBytes;
    if (left.bytesRead > readMax) {
      this.#bad ??= `recovery read ${left.bytesRead} bytes, over ${readMax}`;
    }
    const shown = new Map(recovered.read());
    for (const [key, value] of this.#expected) {
      if (shown.get(key) !== value) this.#bad ??= `${key} reads ${shown.get(key)}, not ${value}`;
    }
  }
}
