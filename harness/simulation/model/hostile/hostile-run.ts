/**
 * HostileRun: model-based test of two stores in one process, used by a caller that keeps to the
 * interface and to nothing else: one buffer for all arguments, written over after every call; results
 * scribbled on and transferred away; ranges left open, never begun, read on after the end of their
 * owner; batches used again at once; calls after the close; opens and closes at the same time.
 */
import { isOperationError, type Settings } from '../../../contract/target.ts';
import { Prng } from '../../../random/prng.ts';
import type { OpenedBytes } from '../../sim/byte-store.ts';
import type { SimulatedTarget } from '../../sim/simulated-target.ts';
import { type Environment, Incarnations } from '../incarnations.ts';
import { ModelDraws } from '../model-draws.ts';
import { firstProblem, type Step } from '../steps.ts';
import { BorrowedMemory } from './borrowed-memory.ts';
import { Tenant } from './tenant.ts';
import { Walks } from './walks.ts';

const DIRECTORIES = ['store', 'other'] as const;
const MANY_MAX = 40;
const WRITERS_MAX = 6;
/** Longest time from the start of the writes to the close, which falls within their flush. */
const CLOSE_MAX_MS = 4;
/** By then a store that is left alone has written what it had to. */
const SETTLED_MS = 100;

/** Of uses of a transaction: how many write while a range of it is read. */
const UNDER_RANGE_SHARE = 0.2;

export class HostileRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #closing: Prng;
  readonly #incarnations: Incarnations;
  readonly #draws: ModelDraws;
  readonly #memory: BorrowedMemory;
  readonly #walks: Walks;
  readonly #tenants: readonly Tenant[];
  readonly #steps: Readonly<Record<string, Step>>;
  #env!: Environment;
  /** Files that nothing names, of an empty store: the lock's. */
  #spareFiles = 0;
  comparisons = 0;
  commits = 0;

  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#closing = this.#random.derive('closing');
    this.#incarnations = new Incarnations(target, this.#random);
    this.#draws = new ModelDraws(this.#random.derive('draws'), settings);
    const same = (what: string, found: unknown, expected: unknown) =>
      this.#same(what, found, expected);
    const random = this.#random.derive('caller');
    const memory = new BorrowedMemory(random);
    this.#memory = memory;
    this.#walks = new Walks(random, memory, same);
    const parts = { random, memory, walks: this.#walks, same };
    this.#tenants = DIRECTORIES.map((directory) => new Tenant(directory, parts));
    this.#steps = this.#stepsOf(random);
  }

  #stepsOf(random: Prng): Readonly<Record<string, Step>> {
    const draws = this.#draws;
    const any = () => random.pick(this.#tenants);
    const under = this.#random.derive('under a range');
    return {
      'put or delete': { weight: 15, act: () => this.#putOrDelete(any()) },
      'write batches': { weight: 15, act: () => this.#writeBatches(any()) },
      'write at once': { weight: 8, act: () => this.#writeNow(any()) },
      get: { weight: 8, act: () => this.#get(any()) },
      'get many': { weight: 6, act: () => this.#getMany(any()) },
      'look at a view': { weight: 6, act: () => this.#view(any()) },
      'ask for a range': {
        weight: 14,
        act: () => this.#walks.ask(any().anyOwner(), draws.range()),
      },
      'walk on': { weight: 30, act: () => this.#walks.step() },
      'read a range': {
        weight: 8,
        act: () => this.#walks.readAll(any().anyOwner(), draws.range()),
      },
      'hold a snapshot': { weight: 3, act: () => any().hold() },
      'release a snapshot': { weight: 2, act: () => any().release() },
      begin: { weight: 4, act: () => any().begin() },
      'use a transaction': {
        weight: 14,
        act: () => {
          const isUnder = under.chance(UNDER_RANGE_SHARE);
          any().use(draws.wantedMany(2), draws.changes().slice(0, 2), isUnder);
        },
      },
      'finish a transaction': { weight: 6, act: () => any().finish() },
      compact: { weight: 1, act: () => any().opened.store.compact() },
      settle: { weight: 1, act: () => this.#settle(any()) },
      'close and open': { weight: 0.7, act: () => this.#closeAndOpen(any()) },
      'open one that is open': { weight: 0.5, act: () => this.#openTwice(any()) },
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
    return firstProblem(
      {
        lives: this.#incarnations,
        random: this.#random,
        steps: this.#steps,
        open: () => this.#openAll(),
        reopen: () => this.#each((tenant) => this.#closeAndOpen(tenant)),
        close: () => this.#each((tenant) => tenant.close()),
        compareAll: () => this.#compareAll(),
      },
      operations,
    );
  }

  async #each(act: (tenant: Tenant) => Promise<void>): Promise<void> {
    for (const tenant of this.#tenants) await act(tenant);
  }

  async #openAll(): Promise<void> {
    this.#env = this.#incarnations.first();
    await this.#each(async (tenant) => tenant.open(await this.#open(tenant)));
    this.#spareFiles = this.#unnamedFiles(this.#tenants[0]!);
  }

  #open({ directory }: Tenant): Promise<OpenedBytes> {
    if (this.#target.openBytes === undefined) throw new Error(`${this.#target.name}: no bytes`);
    return this.#target.openBytes(this.#env, directory, this.#settings);
  }

  async #putOrDelete(tenant: Tenant): Promise<void> {
    const [[key, value]] = this.#draws.changes() as [[string, string | null]];
    const { store } = tenant.opened;
    const memory = this.#memory;
    const done = memory.during(() =>
      value === null
        ? store.delete(memory.lend(key))
        : store.put(memory.lend(key), memory.lend(value)),
    );
    await done;
    this.commits++;
    tenant.applied([[key, value]]);
  }

  /** Commits of the same turn, on keys of their own, out of one batch that is used again at once. */
  async #writeBatches(tenant: Tenant): Promise<void> {
    const { store, newBatch } = tenant.opened;
    const memory = this.#memory;
    const batch = newBatch();
    const taken = new Set<string>();
    const written: Promise<unknown>[] = [];
    const all: (readonly [string, string | null])[] = [];
    for (let i = this.#random.between(1, WRITERS_MAX); i > 0; i--) {
      const changes = this.#draws.changes().filter(([key]) => !taken.has(key));
      if (changes.length === 0) continue;
      for (const [key] of changes) taken.add(key);
      all.push(...changes);
      batch.clear();
      for (const change of changes) memory.during(() => addTo(batch, change, memory));
      written.push(store.write(batch));
    }
    batch.clear();
    batch.put(Uint8Array.of(1), Uint8Array.of(1)); // never handed over
    await Promise.all(written);
    this.commits += written.length;
    tenant.applied(all);
  }

  #writeNow(tenant: Tenant): void {
    if (this.#settings.durability !== 'none') return;
    const { store, newBatch } = tenant.opened;
    const memory = this.#memory;
    const batch = newBatch();
    const changes = this.#draws.changes();
    for (const change of changes) memory.during(() => addTo(batch, change, memory));
    if (store.writeNow(batch) > 0) tenant.applied(changes);
    batch.clear();
    batch.put(Uint8Array.of(1), Uint8Array.of(1));
  }

  #get(tenant: Tenant): void {
    const memory = this.#memory;
    const key = this.#draws.wanted();
    const [found] = memory.taken(memory.during(() => tenant.opened.store.get(memory.lend(key))));
    this.#same(`get ${key}`, found, tenant.model.get(key));
  }

  #getMany(tenant: Tenant): void {
    const memory = this.#memory;
    const keys = this.#draws.wantedMany(MANY_MAX);
    const lent = () => tenant.opened.store.getMany(keys.map((key) => memory.lend(key)));
    const found = memory.taken(...memory.during(lent));
    for (const [i, key] of keys.entries()) {
      this.#same(`get ${key} of many`, found[i], tenant.model.get(key));
    }
  }

  /** Other reads come in between, and write over the caller's own memory. */
  #view(tenant: Tenant): void {
    const memory = this.#memory;
    const key = this.#draws.wanted();
    const found = tenant.opened.store.getView(Buffer.from(key), (value) => {
      this.#get(tenant);
      return Buffer.from(value).toString('utf8');
    });
    memory.during(() => undefined);
    this.#same(`view ${key}`, found, tenant.model.get(key));
  }

  /** With nothing open any more, files that nothing names are gone. */
  async #settle(tenant: Tenant): Promise<void> {
    this.#walks.leaveAll();
    tenant.releaseAll();
    await tenant.opened.store.compact();
    // A manifest that is being written now, for a reason of the store's own, has no name yet either.
    await this.#incarnations.scheduler.sleep(SETTLED_MS);
    const unnamed = Math.max(this.#unnamedFiles(tenant), this.#spareFiles);
    this.#same('files that nothing names', unnamed, this.#spareFiles);
  }

  #unnamedFiles({ directory }: Tenant): number {
    const { disk } = this.#incarnations;
    const live = this.#target.liveFiles(disk, directory).map(({ path }) => path);
    const names = disk.list(directory).filter((name) => !this.#target.isLog(name));
    return names.filter((name) => !live.includes(`${directory}/${name}`)).length;
  }

  async #closeAndOpen(tenant: Tenant): Promise<void> {
    const random = this.#closing;
    const keys = new Set<string>();
    const changes = this.#draws
      .changes()
      .filter(([key]) => keys.size < keys.add(key).size)
      .slice(0, random.below(WRITERS_MAX));
    await tenant.close(changes, () =>
      this.#incarnations.scheduler.sleep(CLOSE_MAX_MS * random.fraction()),
    );
    const [first, second] = await Promise.allSettled([this.#open(tenant), this.#open(tenant)]);
    const opened = [first, second].filter((one) => one.status === 'fulfilled');
    if (opened.length !== 1) throw new Error(`${opened.length} of 2 opened the store, not 1`);
    tenant.open(opened[0]!.value);
    this.#compare(tenant);
  }

  async #openTwice(tenant: Tenant): Promise<void> {
    const outcome = await this.#open(tenant).then(
      () => 'opened',
      (error: unknown) => (isOperationError(error) && error.definite ? error.code : String(error)),
    );
    this.#same('opening a store that is open', outcome, 'store-locked');
  }

  #compareAll(): void {
    for (const tenant of this.#tenants) this.#compare(tenant);
  }

  #compare(tenant: Tenant): void {
    for (const query of [{}, { reverse: true }]) this.#walks.readAll(tenant.owner, query);
  }

  #same(what: string, found: unknown, expected: unknown): void {
    this.comparisons++;
    if (found === expected) return;
    throw new Error(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  }
}

function addTo(
  batch: { put(key: Uint8Array, value: Uint8Array): void; delete(key: Uint8Array): void },
  [key, value]: readonly [key: string, value: string | null],
  memory: BorrowedMemory,
): void {
  if (value === null) batch.delete(memory.lend(key));
  else batch.put(memory.lend(key), memory.lend(value));
}
