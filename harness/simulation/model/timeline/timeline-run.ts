/**
 * TimelineRun: one store across many incarnations, with drawn speeds of disk and background work, against a record
 * of everything it acknowledged. Between crashes, transactions and ranges stay open during flushes and merges,
 * commits approach every size limit, and syncs fail.
 */
import type { CrashMode } from '../../../contract/fault.ts';
import { isOperationError, type Settings } from '../../../contract/target.ts';
import { Prng } from '../../../random/prng.ts';
import { DIRECTORY, syncsCommits } from '../../explore/record-run.ts';
import {
  type Change,
  type DirectSnapshot,
  type DirectStore,
  WRITE_CALLS,
} from '../../sim/direct-store.ts';
import type { SimulatedTarget } from '../../sim/simulated-target.ts';
import { Answers } from '../answers.ts';
import { type Environment, Incarnations, type Pace } from '../incarnations.ts';
import { ModelDraws } from '../model-draws.ts';
import { firstProblem, type Step } from '../steps.ts';
import { DistinctChanges } from './distinct-changes.ts';
import { LimitDraws } from './limit-draws.ts';
import { missingPiece } from './missing-piece.ts';
import { MUST_EXIST, refuseToMake } from './missing-store.ts';
import { OpenTransactions } from './open-transactions.ts';
import { OpenWalks } from './open-walks.ts';
import { checkRecovery, type Ending } from './recovery-check.ts';
import { Timeline } from './timeline.ts';

const SLOW_STEP_MS = [5, 60] as const;
const SLOW_SYNC_MS = [5, 30] as const;
const USUAL_SYNC_MAX_MS = 2;
/** Syncs that a commit may wait for beyond its interval: the one in flight and its own, two segments each. */
const SYNCS_WAITED_FOR = 4;
const IDLE_MS = 90;
/** After each start: what a merge took before the crash must be known to be gone. */
const LOOKS_BACK = 4;
const LONG_REST_MS = 3000;
const WRITERS_MAX = 4;
const FAILING_SYNCS_MAX = 8;
const CUTS = ['none-kept', 'torn', 'garbage', 'all-kept'] as const satisfies readonly CrashMode[];

export class TimelineRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #calls: Prng;
  readonly #incarnations: Incarnations;
  readonly #draws: ModelDraws;
  readonly #distinct: DistinctChanges;
  readonly #limits: LimitDraws;
  readonly #answers = new Answers();
  readonly #timeline = new Timeline();
  readonly #walks: OpenWalks;
  readonly #transactions: OpenTransactions;
  readonly #steps: Readonly<Record<string, Step>>;
  #store!: DirectStore;
  #pace: Pace = {};
  /** Counts lives: answers from one that has ended do not count. */
  #life = 0;
  /** Commits that no explicit checkpoint has taken out of the log yet. */
  #unflushed = 0;
  /** Commits in the log when this life began, and the files beside the log. */
  #began = { commits: 0, replayed: 0, runs: '' };
  commits = 0;

  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#calls = this.#random.derive('calls');
    this.#incarnations = new Incarnations(target, this.#random, (random) => this.#drawPace(random));
    this.#draws = new ModelDraws(this.#random.derive('draws'), settings);
    this.#distinct = new DistinctChanges(this.#random, this.#draws);
    this.#limits = new LimitDraws(this.#random.derive('limits'), settings);
    const [answers, timeline] = [this.#answers, this.#timeline];
    this.#walks = new OpenWalks(this.#random.derive('walks'), answers);
    this.#transactions = new OpenTransactions({
      random: this.#random.derive('transactions'),
      draws: this.#draws,
      answers,
      timeline,
      checksReads: settings.isolation === 'serializable',
    });
    this.#steps = this.#makeSteps();
  }

  get virtualMs(): number {
    return this.#incarnations.scheduler.nowMs;
  }

  get crashes(): number {
    return this.#incarnations.crashes;
  }

  get comparisons(): number {
    return this.#answers.comparisons;
  }

  /** Runs `operations` operations; answers the first problem. Never throws. */
  problem(operations: number): Promise<string | undefined> {
    const run = {
      lives: this.#incarnations,
      random: this.#random,
      steps: this.#steps,
      open: () => this.#open(this.#incarnations.first(), undefined),
      reopen: () => this.#reopen(),
      close: () => this.#close(),
      compareAll: () => this.#compareAll(),
    };
    return firstProblem(run, operations);
  }

  #makeSteps(): Readonly<Record<string, Step>> {
    const waits = !syncsCommits(this.#settings);
    return {
      write: { weight: 30, act: () => this.#write(this.#draws.changes()) },
      'write durably': { weight: waits ? 3 : 0, act: () => this.#writeDurably() },
      'write together': { weight: 3, act: () => this.#writeTogether() },
      'write up to a limit': { weight: 5, act: () => this.#writeUpToLimit() },
      ask: { weight: 10, act: () => this.#ask() },
      'begin a transaction': { weight: 3, act: () => this.#transactions.begin(this.#store) },
      'go on with a transaction': { weight: 8, act: () => this.#transactions.goOn() },
      'end a transaction': { weight: 3, act: () => this.#endTransaction() },
      'begin a walk': { weight: 4, act: () => this.#beginWalk() },
      'go on with a walk': { weight: 16, act: () => this.#walks.goOn() },
      'look back': { weight: 8, act: () => this.#lookBack() },
      sync: { weight: waits ? 2 : 0, act: () => this.#sync() },
      checkpoint: { weight: 1, act: () => this.#flushAll(() => this.#store.checkpoint()) },
      compact: { weight: 1.5, act: () => this.#flushAll(() => this.#store.compact()) },
      pause: { weight: 8, act: () => this.#sleep(this.#random.fraction() * IDLE_MS) },
      rest: { weight: 0.5, act: () => this.#rest() },
      'close and open': { weight: 1, act: () => this.#reopen() },
      kill: { weight: 1.2, act: () => this.#crash('kill') },
      'cut the power': { weight: 2, act: () => this.#crash(this.#random.pick(CUTS)) },
      'cut the power, one piece missing': { weight: waits ? 1 : 0, act: () => this.#crash('hole') },
      'meet a failing sync': { weight: 0.7, act: () => this.#meetFailingSync() },
    };
  }

  #drawPace(random: Prng): Pace {
    this.#pace = {
      ...(random.chance(0.5) ? { stepMs: SLOW_STEP_MS } : {}),
      ...(random.chance(0.25) ? { syncMs: SLOW_SYNC_MS } : {}),
    };
    return this.#pace;
  }

  async #open(env: Environment, ending: Ending | undefined): Promise<void> {
    this.#walks.forget();
    this.#transactions.forget();
    const [target, settings, answers] = [this.#target, this.#settings, this.#answers];
    if (ending === undefined)
      await refuseToMake(target, env, this.#incarnations, settings, answers);
    const mustExist = ending !== undefined && this.#calls.chance(0.5) ? MUST_EXIST : {};
    this.#store = await target.openDirect(env, DIRECTORY, { ...settings, ...mustExist });
    const { recovery } = this.#store;
    const { nowMs } = this.#incarnations.scheduler;
    const content = this.#store.read();
    checkRecovery(this.#timeline, ending, recovery, content, nowMs, answers, target.logBytes);
    const commits = this.#timeline.count;
    this.#began = { commits, replayed: recovery.replayedCommits, runs: this.#runFiles() };
    this.#unflushed = recovery.replayedCommits;
    this.#compareAll();
    this.#askAsOfNow();
    for (let i = 0; i < LOOKS_BACK; i++) this.#lookBack();
    if (ending === undefined) await this.#limits.find((changes) => this.#tryToWrite(changes));
  }

  async #close(): Promise<void> {
    this.#walks.endAll();
    this.#transactions.endAll();
    await this.#store.close();
  }

  async #reopen(): Promise<void> {
    await this.#close();
    this.#timeline.durable = this.#timeline.count;
    this.#incarnations.refuseOpenFiles();
    const ending = this.#ending('closed', []);
    const mode = this.#random.pick(['kill', 'none-kept'] as const);
    await this.#open(this.#incarnations.after(mode), ending);
  }

  /** Ends the life right now, perhaps with commits on their way. */
  async #crash(how: CrashMode | 'hole'): Promise<void> {
    const waiting = this.#random.chance(0.5) ? this.#writeWithoutWaiting() : [];
    if (waiting.length > 0) await this.#sleep(this.#random.fraction() * 4);
    await this.#end(
      how,
      waiting.filter(({ isOver }) => !isOver).map(({ changes }) => changes),
    );
  }

  #end(
    how: CrashMode | 'hole',
    unanswered: Ending['unanswered'],
    syncFailed = false,
  ): Promise<void> {
    const ending = this.#ending(how, unanswered, syncFailed);
    this.#life++;
    if (how !== 'hole') return this.#open(this.#incarnations.after(how), ending);
    const isLog = (path: string) => this.#target.isLog(path);
    return this.#open(this.#incarnations.afterCut(missingPiece(isLog)), ending);
  }

  #ending(how: Ending['how'], unanswered: Ending['unanswered'], syncFailed = false): Ending {
    const timeline = this.#timeline;
    const atMs = this.#incarnations.scheduler.nowMs;
    const made = timeline.count - this.#began.commits;
    const isExact = this.#runFiles() === this.#began.runs;
    const high = Math.min(this.#unflushed, this.#began.replayed + made);
    const all = { floor: timeline.count, floorReason: 'each was acknowledged' };
    // What a failed sync left behind is in the system's cache, which recovery reads past.
    const keepsAll = how === 'closed' || (how === 'kill' && !syncFailed);
    const floor =
      keepsAll || syncsCommits(this.#settings) ? all : this.#floorOfLostPower(atMs, syncFailed);
    return { how, atMs, unanswered, ...floor, replayed: [isExact ? high : 0, high] };
  }

  /** What a power cut, or a kill after a failed sync, may take where commits do not wait for the disk. */
  #floorOfLostPower(atMs: number, syncFailed: boolean): Pick<Ending, 'floor' | 'floorReason'> {
    const { durable } = this.#timeline;
    const explicit = { floor: durable, floorReason: 'they were made durable' };
    const { intervalMs } = this.#settings;
    if (typeof intervalMs !== 'number' || syncFailed) return explicit;
    const syncMs = this.#pace.syncMs?.[1] ?? USUAL_SYNC_MAX_MS;
    const boundMs = intervalMs + SYNCS_WAITED_FOR * syncMs;
    const floor = this.#timeline.acknowledgedBy(atMs - boundMs);
    if (floor <= durable) return explicit;
    return { floor, floorReason: `each was acknowledged more than ${boundMs} ms before` };
  }

  #runFiles(): string {
    const paths = this.#incarnations.disk.files().map(([path]) => path);
    return paths.filter((path) => !this.#target.isLog(path)).join();
  }

  async #write(changes: readonly Change[], durably = false): Promise<void> {
    const call = this.#calls.pick(WRITE_CALLS);
    this.#acknowledged(await this.#store.write(changes, durably, call), changes);
    if (durably || syncsCommits(this.#settings)) this.#timeline.durable = this.#timeline.count;
  }

  #acknowledged(timestamp: number, changes: readonly Change[]): void {
    this.#timeline.acknowledged(timestamp, changes, this.#incarnations.scheduler.nowMs);
    this.commits++;
    this.#unflushed++;
  }

  #writeDurably(): Promise<void> {
    const changes = this.#draws.changes();
    const single: Change = [this.#draws.key(), this.#calls.chance(0.5) ? null : 'single'];
    return this.#write(this.#calls.chance(0.5) ? changes : [single], true);
  }

  /** Commits of the same turn: each is acknowledged on its own. */
  async #writeTogether(): Promise<void> {
    const waiting = this.#writeWithoutWaiting();
    await Promise.all(waiting.map(({ done }) => done));
    if (syncsCommits(this.#settings)) this.#timeline.durable = this.#timeline.count;
  }

  #writeWithoutWaiting() {
    const life = this.#life;
    return this.#distinct.draw(WRITERS_MAX).map((changes) => {
      const writing = { changes, isOver: false, done: Promise.resolve() };
      writing.done = this.#store.write(changes).then((timestamp) => {
        if (life !== this.#life) return; // nobody hears it any more
        writing.isOver = true;
        this.#acknowledged(timestamp, changes);
      });
      writing.done.catch(() => undefined); // the caller that awaits it gets the error
      return writing;
    });
  }

  /** Whether it was taken; when it was refused, that was definite. */
  async #tryToWrite(changes: readonly Change[]): Promise<boolean> {
    try {
      await this.#write(changes);
      return true;
    } catch (error) {
      if (!isOperationError(error) || !error.definite) throw error;
      return false;
    }
  }

  async #writeUpToLimit(): Promise<void> {
    const drawn = this.#limits.draw(this.#draws.key());
    if (drawn === undefined) return;
    const { change, fits } = drawn;
    const isTaken = await this.#tryToWrite([change]);
    if (fits === undefined || isTaken === fits) return this.#askForKey(change[0]);
    throw new Error(`a commit of ${change[1].length} letters was ${fits ? 'refused' : 'taken'}`);
  }

  #ask(): void {
    this.#askForKey(this.#draws.wanted());
    const query = this.#draws.range();
    const shown = this.#timeline.now.range(query);
    this.#answers.sameContent(`range ${JSON.stringify(query)}`, this.#store.range(query), shown);
  }

  #askForKey(key: string): void {
    this.#answers.same(`get ${key}`, this.#store.get(key), this.#timeline.now.get(key));
  }

  async #endTransaction(): Promise<void> {
    const committed = await this.#transactions.end();
    if (committed === undefined) return;
    this.#acknowledged(committed.timestamp, committed.changes);
    if (syncsCommits(this.#settings)) this.#timeline.durable = this.#timeline.count;
  }

  #beginWalk(): void {
    const reverse = this.#random.chance(0.5);
    const query = this.#random.chance(0.5) ? this.#draws.range() : { reverse };
    this.#walks.begin(this.#store, this.#timeline.now, query);
  }

  /** By the clock: none of what a crash took is the newest. */
  #askAsOfNow(): void {
    const snapshot = this.#store.snapshotAt(new Date(this.#incarnations.wallMs()));
    this.#answers.sameContent('as of now', snapshot.read(), this.#timeline.now.read());
    snapshot.close();
  }

  /** To any commit of any life: it is what it was, or too old. */
  #lookBack(): void {
    const timeline = this.#timeline;
    const ago = Math.floor(timeline.count * this.#random.fraction() ** 3);
    const { timestamp } = timeline.commit(timeline.count - 1 - ago);
    let snapshot: DirectSnapshot;
    try {
      snapshot = this.#store.snapshotAt(timestamp);
    } catch (error) {
      if (!isOperationError(error) || error.code !== 'snapshot-too-old') throw error;
      return;
    }
    const shows = timeline.contentAt(timeline.count - ago);
    this.#answers.sameContent(`${ago} commits ago`, snapshot.read(), shows.read());
    snapshot.close();
  }

  async #sync(): Promise<void> {
    const { count } = this.#timeline;
    await this.#store.sync();
    this.#timeline.durable = count;
  }

  async #flushAll(flush: () => Promise<void>): Promise<void> {
    await flush();
    this.#timeline.durable = this.#timeline.count;
    this.#unflushed = 0;
  }

  #sleep(ms: number): Promise<void> {
    return this.#incarnations.scheduler.sleep(ms);
  }

  /** Long enough for all that is due: after a commit no more is unflushed than the settings allow. */
  async #rest(): Promise<void> {
    await this.#sleep(LONG_REST_MS);
    const { checkpointEveryBytes } = this.#settings;
    if (typeof checkpointEveryBytes !== 'number') return;
    if (this.#timeline.count === this.#began.commits) return;
    const most = checkpointEveryBytes + this.#limits.logOverhead;
    const unflushed = this.#store.unflushedBytes();
    if (unflushed <= most) return;
    throw new Error(`at rest ${unflushed} bytes of log are unflushed, over ${most}`);
  }

  /** A sync of a commit, of a file in the background or of the directory fails; then the life ends. */
  async #meetFailingSync(): Promise<void> {
    this.#incarnations.disk.failSyncIn(this.#random.between(1, FAILING_SYNCS_MAX));
    const unanswered: (readonly Change[])[] = [];
    for (let i = this.#random.between(1, 12); i > 0 && unanswered.length === 0; i--) {
      const [changes = []] = this.#distinct.draw(1);
      try {
        if (this.#random.chance(0.2)) await this.#flushAll(() => this.#store.checkpoint());
        else if (changes.length > 0) await this.#write(changes, this.#random.chance(0.3));
        await this.#sleep(this.#random.fraction() * 30);
      } catch (error) {
        if (!isOperationError(error)) throw error;
        if (!error.definite) unanswered.push(changes);
      }
    }
    await this.#end(this.#random.pick(['kill', ...CUTS]), unanswered, true);
  }

  #compareAll(): void {
    const expected = this.#timeline.now.read();
    this.#answers.sameContent('all', this.#store.read(), expected);
    this.#answers.sameContent('all, backwards', this.#store.readReversed(), expected);
    this.#incarnations.verify();
  }
}
