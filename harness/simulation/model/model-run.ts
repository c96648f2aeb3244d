/**
 * ModelRun: model-based test of one store against an in-memory map, in virtual time, through flushes, merges,
 * clean closes, kills and power cuts. Every answer must match, of the current state and of old snapshots.
 */
import type { CrashMode } from '../../contract/fault.ts';
import { isOperationError, type Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { DIRECTORY, syncsCommits } from '../explore/record-run.ts';
import type {
  Change,
  Content,
  DirectReader,
  DirectSnapshot,
  DirectStore,
} from '../sim/direct-store.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import { type Environment, Incarnations } from './incarnations.ts';
import { ModelDraws } from './model-draws.ts';
import { ModelMap } from './model-map.ts';
import { moveUnder } from './moved-directory.ts';
import { Past, type PastCommit } from './past.ts';
import { firstProblem, type Step } from './steps.ts';

const SNAPSHOTS_MAX = 4;
const MANY_MAX = 60;
const WRITERS_MAX = 6;
const REST_MS = 3000;
const SHOWN_CHARACTERS = 40;

/** How far the wall clock is from the time, while it is wrong. */
const CLOCK_JUMPS_MS = [365 * 86_400_000, 3_600_000, -3_600_000, -40_000] as const;

interface Held {
  readonly snapshot: DirectSnapshot;
  readonly shows: ModelMap;
}

export class ModelRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #incarnations: Incarnations;
  readonly #draws: ModelDraws;
  readonly #model = new ModelMap();
  readonly #steps: Readonly<Record<string, Step>>;
  readonly #held: Held[] = [];
  readonly #past = new Past();
  #clockAheadMs = 0;
  #store!: DirectStore;
  comparisons = 0;
  commits = 0;

  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = settings;
    this.#random = new Prng(seed);
    const wallMs = (trueMs: number) => Math.floor(trueMs) + this.#clockAheadMs;
    this.#incarnations = new Incarnations(target, this.#random, () => ({ wallMs }));
    this.#draws = new ModelDraws(this.#random.derive('draws'), settings);
    const jumps = this.#random.derive('clock').chance(0.5); // dates are only asked for where it is right
    const pages = settings.isolation === 'serializable' ? 4 : 0;
    this.#steps = {
      write: { weight: 35, act: () => this.#write(this.#draws.changes()) },
      'write beside others': { weight: 3, act: () => this.#writeTogether() },
      'commit a transaction': { weight: 8, act: () => this.#transact() },
      'commit again after conflicts': { weight: 4, act: () => this.#transactAgain() },
      'commit beside a page': { weight: pages, act: () => this.#transactBesidePage() },
      'write too much': { weight: 0.5, act: () => this.#writeTooMuch() },
      get: { weight: 12, act: () => this.#askForKey() },
      'get many': { weight: 8, act: () => this.#askForMany() },
      'read as stores do': { weight: 4, act: () => this.#readTogether() },
      range: { weight: 14, act: () => this.#askForRange(this.#store, this.#model, 'range') },
      'hold a snapshot': { weight: 3, act: () => this.#hold() },
      'read a snapshot': { weight: 8, act: () => this.#readHeld() },
      'release a snapshot': { weight: 2, act: () => this.#release() },
      'look back': { weight: 6, act: () => this.#lookBack() },
      'look back to a date': { weight: jumps ? 0 : 4, act: () => this.#lookBackToDate() },
      'ask as of now': { weight: 3, act: () => this.#askAsOfNow() },
      'the clock jumps': { weight: jumps ? 2 : 0, act: () => this.#jump() },
      checkpoint: { weight: 0.7, act: () => this.#store.checkpoint() },
      compact: { weight: 0.5, act: () => this.#store.compact() },
      rest: { weight: 0.5, act: () => this.#incarnations.scheduler.sleep(REST_MS) },
      'close and open': { weight: 0.4, act: () => this.#reopen() },
      'the directory is moved': { weight: 0.3, act: () => this.#moveDirectory() },
      kill: { weight: 0.4, act: () => this.#crash('kill') },
      'cut the power': { weight: 0.6, act: () => this.#cutPower() },
    };
  }

  get virtualMs(): number {
    return this.#incarnations.scheduler.nowMs;
  }

  get crashes(): number {
    return this.#incarnations.crashes;
  }

  /** Runs `operations` operations; answers the first problem. Never throws. */
  problem(operations: number): Promise<string | undefined> {
    const run = {
      lives: this.#incarnations,
      random: this.#random,
      steps: this.#steps,
      open: () => this.#open(this.#incarnations.first()),
      reopen: () => this.#reopen(),
      close: () => this.#close(),
      compareAll: () => this.#compareAll(),
    };
    return firstProblem(run, operations);
  }

  async #open(env: Environment): Promise<void> {
    this.#held.length = 0;
    this.#store = await this.#target.openDirect(env, DIRECTORY, this.#settings);
    this.#compareAll();
  }

  async #reopen(): Promise<void> {
    await this.#close();
    await this.#crash('kill');
  }

  async #close(): Promise<void> {
    for (const { snapshot } of this.#held) snapshot.close();
    await this.#store.close();
  }

  /** Where commits do not wait for the disk, something that makes all of them durable comes before. */
  async #cutPower(): Promise<void> {
    if (!syncsCommits(this.#settings)) {
      const makeDurable = this.#random.pick([
        () => this.#store.sync(),
        () => this.#write(this.#draws.changes(), true),
        () => this.#store.checkpoint(),
        () => this.#close(),
      ]);
      await makeDurable();
    }
    return this.#crash(this.#random.pick(['none-kept', 'torn', 'garbage', 'all-kept']));
  }

  async #moveDirectory(): Promise<void> {
    const store = {
      write: () => this.#write(this.#draws.changes(), true),
      checkpoint: () => this.#store.checkpoint(),
      close: () => this.#close(),
    };
    await moveUnder(store, this.#incarnations.disk);
    await this.#crash('kill');
  }

  #crash(mode: CrashMode): Promise<void> {
    return this.#open(this.#incarnations.after(mode));
  }

  async #write(changes: readonly Change[], durably = false): Promise<void> {
    const timestamp = await this.#store.write(changes, durably);
    this.#applied(changes, timestamp);
  }

  #applied(changes: readonly Change[], timestamp: number): void {
    if (timestamp === 0) return; // there was nothing to commit
    this.commits++;
    this.#model.apply(changes);
    const wallMs = this.#incarnations.wallMs();
    this.#past.note({ timestamp, atMs: this.virtualMs, wallMs, shows: this.#model.copy() });
  }

  /** Commits of the same turn, on keys of their own. */
  async #writeTogether(): Promise<void> {
    const taken = new Set<string>();
    const batches: (readonly Change[])[] = [];
    for (let i = this.#random.between(2, WRITERS_MAX); i > 0; i--) {
      const changes = this.#draws.changes().filter(([key]) => !taken.has(key));
      for (const [key] of changes) taken.add(key);
      if (changes.length > 0) batches.push(changes);
    }
    const write = async (changes: readonly Change[]) => {
      const timestamp = await this.#store.write(changes);
      return { timestamp, changes };
    };
    const written = await Promise.all(batches.map(write));
    written.sort((a, b) => a.timestamp - b.timestamp); // who waits for room may come later
    for (const { changes, timestamp } of written) this.#applied(changes, timestamp);
  }

  /** A transaction with another commit beside it: which of them may commit is known. */
  async #transact(): Promise<void> {
    const draws = this.#draws;
    const transaction = this.#store.begin();
    const seen = this.#model.copy();
    const read = draws.wantedMany(this.#random.chance(0.2) ? MANY_MAX : 3);
    for (const key of read) this.#same(`get ${key}`, transaction.get(key), seen.get(key));
    const written = new Map(draws.changes());
    for (const change of written) transaction.write(change);
    seen.apply([...written]);
    const beside = this.#random.chance(0.4) ? draws.changes() : [];
    if (beside.length > 0) await this.#write(beside);
    const checksReads = this.#settings.isolation === 'serializable';
    // A range that is read counts as read: of those, points are enough to foretell conflicts.
    if (!checksReads) this.#askForRange(transaction, seen, 'its own range');
    if (this.#random.chance(0.2)) return transaction.rollback();
    const conflicts = beside.some(
      ([key]) => written.has(key) || (checksReads && read.includes(key)),
    );
    let timestamp: number;
    try {
      timestamp = await transaction.commit();
    } catch (error) {
      if (!isOperationError(error) || error.code !== 'conflict') throw error;
      if (!conflicts)
        throw new Error('it was refused, and nobody had changed what it read or wrote');
      return;
    }
    if (conflicts) throw new Error('it was not refused, though what it read or wrote had changed');
    this.#applied([...written], timestamp);
  }

  /** The store runs it again exactly when another commit stood in its way. */
  async #transactAgain(): Promise<void> {
    const draws = this.#draws;
    const isolation = this.#random.pick(['snapshot', 'serializable'] as const);
    const read = draws.wanted();
    const changes = draws.changes();
    const beside = this.#random.chance(0.6) ? draws.changes() : [];
    const conflicts = beside.some(
      ([key]) =>
        changes.some(([own]) => own === key) || (isolation === 'serializable' && key === read),
    );
    let tries = 0;
    const timestamp = await this.#store.transact(async (transaction) => {
      this.#same(`get ${read}`, transaction.get(read), this.#model.get(read));
      for (const change of changes) transaction.write(change);
      if (tries++ === 0 && beside.length > 0) await this.#write(beside);
    }, isolation);
    this.#same('the runs of a transaction', String(tries), conflicts ? '2' : '1');
    this.#applied(changes, timestamp);
  }

  /** A page counts as read up to its last record, and no further. */
  async #transactBesidePage(): Promise<void> {
    const transaction = this.#store.begin();
    const page = transaction.range({ limit: this.#random.between(1, MANY_MAX) });
    const own = [this.#draws.key(), 'beside a page'] as const;
    transaction.write(own);
    const last = Buffer.from(page.at(-1)?.[0] ?? '');
    const isBehind = (key: string) => key !== own[0] && last.compare(Buffer.from(key)) < 0;
    const behind = this.#draws.changes().filter(([key]) => isBehind(key));
    const isPart = page.length > 0 && page.length < this.#model.read().length;
    if (!isPart || behind.length === 0) return transaction.rollback();
    await this.#write(behind);
    this.#applied([own], await transaction.commit());
  }

  /** More than a segment takes: refused, and nothing of it is there. */
  async #writeTooMuch(): Promise<void> {
    const { segmentBytes } = this.#draws;
    if (segmentBytes > 1024 * 1024) return;
    const key = this.#draws.key();
    try {
      await this.#store.write([[key, 'x'.repeat(segmentBytes)]]);
    } catch (error) {
      if (!isOperationError(error) || !error.definite) throw error;
      this.#same(`get ${key}`, this.#store.get(key), this.#model.get(key));
      return;
    }
    throw new Error(`a value of ${segmentBytes} bytes was taken`);
  }

  #askForKey(): void {
    const key = this.#draws.wanted();
    this.#same(`get ${key}`, this.#store.get(key), this.#model.get(key));
  }

  #askForMany(): void {
    const keys = this.#draws.wantedMany(MANY_MAX);
    const found = this.#store.getMany(keys);
    for (const [i, key] of keys.entries()) this.#same(`get ${key}`, found[i], this.#model.get(key));
  }

  async #readTogether(): Promise<void> {
    const keys = this.#draws.wantedMany(MANY_MAX);
    const query = this.#draws.range();
    const { values, page } = await this.#store.readTogether(keys, query);
    for (const [i, key] of keys.entries()) {
      this.#same(`get ${key}`, values[i], this.#model.get(key));
    }
    this.#sameContent(`a page of ${JSON.stringify(query)}`, page, this.#model.range(query));
  }

  #askForRange(reader: DirectReader, shows: ModelMap, what: string): void {
    const query = this.#draws.range();
    this.#sameContent(`${what} ${JSON.stringify(query)}`, reader.range(query), shows.range(query));
  }

  #hold(): void {
    if (this.#held.length === SNAPSHOTS_MAX) return;
    this.#held.push({ snapshot: this.#store.snapshot(), shows: this.#model.copy() });
  }

  #readHeld(): void {
    if (this.#held.length === 0) return;
    const { snapshot, shows } = this.#random.pick(this.#held);
    const key = this.#draws.wanted();
    this.#same(`get ${key}`, snapshot.get(key), shows.get(key));
    this.#askForRange(snapshot, shows, 'range');
  }

  #release(): void {
    if (this.#held.length === 0) return;
    const [{ snapshot, shows }] = this.#held.splice(this.#random.below(this.#held.length), 1) as [
      Held,
    ];
    this.#sameContent('all of it', snapshot.read(), shows.read());
    snapshot.close();
  }

  /** At a commit of any life: what is kept of the past must be there, and be what it was. */
  #lookBack(): void {
    const past = this.#past.pick(this.#random);
    if (past === undefined) return;
    const ago = this.#past.count - past.commit;
    const snapshot = this.#snapshotAt(past.timestamp, past);
    if (snapshot === undefined) return;
    this.#sameContent(`${ago} commits ago`, snapshot.read(), past.shows.read());
    snapshot.close();
  }

  /** `undefined` where that is gone, and may be. */
  #snapshotAt(when: number | Date, oldest: PastCommit): DirectSnapshot | undefined {
    try {
      return this.#store.snapshotAt(when);
    } catch (error) {
      if (!isOperationError(error) || error.code !== 'snapshot-too-old') throw error;
      const { retainVersions: kept = 0, retainAgeMs: keptMs = -1 } = this.#settings;
      const ago = this.#past.count - oldest.commit;
      if (ago <= Number(kept)) throw new Error(`${ago} commits ago is gone, and ${kept} are kept`);
      const agoMs = this.virtualMs - oldest.atMs;
      if (agoMs <= Number(keptMs)) throw new Error(`${agoMs} ms ago is gone, of ${keptMs}`);
      return undefined;
    }
  }

  /** What a date shows is what some commit left that was the last then, to the second. */
  #lookBackToDate(): void {
    const past = this.#past.pick(this.#random);
    if (past === undefined) return;
    const wallMs = past.wallMs + this.#random.below(REST_MS);
    const last = this.#past.lastAt(wallMs);
    if (last === undefined) return;
    const snapshot = this.#snapshotAt(new Date(wallMs), last[0]!);
    if (snapshot === undefined) return;
    const shown = JSON.stringify(snapshot.read());
    snapshot.close();
    this.comparisons++;
    if (last.some(({ shows }) => JSON.stringify(shows.read()) === shown)) return;
    throw new Error(`at ${wallMs} it shows what none of ${last.length} commits left`);
  }

  /** Whatever the clock was before: what it shows now is now. */
  #askAsOfNow(): void {
    const snapshot = this.#store.snapshotAt(new Date(this.#incarnations.wallMs()));
    this.#sameContent('as of now', snapshot.read(), this.#model.read());
    snapshot.close();
  }

  #jump(): void {
    this.#clockAheadMs = this.#clockAheadMs === 0 ? this.#random.pick(CLOCK_JUMPS_MS) : 0;
  }

  #compareAll(): void {
    const expected = this.#model.read();
    this.#sameContent('all', this.#store.read(), expected);
    this.#sameContent('all, backwards', this.#store.readReversed(), expected);
    this.#incarnations.verify();
  }

  #sameContent(what: string, found: Content, expected: Content): void {
    const shorter = Math.min(found.length, expected.length);
    for (let i = 0; i < shorter; i++) {
      this.#same(`${what}: key ${i}`, found[i]![0], expected[i]![0]);
      this.#same(`${what}: ${found[i]![0]}`, found[i]![1], expected[i]![1]);
    }
    if (found.length !== expected.length) {
      throw new Error(`${what}: there are ${found.length} records, not ${expected.length}`);
    }
  }

  #same(what: string, found: string | undefined, expected: string | undefined): void {
    this.comparisons++;
    if (found === expected) return;
    throw new Error(`${what} is ${shown(found)}, not ${shown(expected)}`);
  }
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'missing';
  const cut = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return `${JSON.stringify(cut)} (${value.length} letters)`;
}
