/**
 * MemoryRun: two stores that share one budget (`memoryBytes`), filled and read until both want more
 * than there is. Checks, from outside, that
 *
 * 1. together they hold no more than the budget, while they work and at rest;
 * 2. a store whose cache starts late gets its share: what it just read is in its cache;
 * 3. when memory runs short they give back what is short, and take it again once much is free;
 * 4. an index that does not fit the budget is not held, and reads are right without it.
 */
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import {
  type Change,
  type DirectStore,
  PASSES_BEFORE_KEPT,
} from '../../simulation/sim/direct-store.ts';
import { Scheduler } from '../../simulation/sim/scheduler.ts';
import { SimMemory } from '../../simulation/sim/sim-memory.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { scheduledWorld, type World } from '../../simulation/sim/world.ts';

const VALUE = 'memory '.repeat(8);
const BATCH = 25;
/** Records in the store whose index does not fit, a kibibyte of the budget. */
const INDEX_RECORDS = 96;
/** What stores take between two looks at the budget: a segment each, and what finds its records. */
const SLACK_SEGMENTS = 8;
/** Of its share, what a store reads twice. */
const HOT_SHARE = 1 / 10;
const MACHINE_BYTES = 2 ** 30;

/** Neighbours by number are neighbours in the store, so that few blocks hold what is read often. */
const keyOf = (name: string, number: number) => `${name}${String(number).padStart(6, '0')}`;

export class MemoryRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #scheduler: Scheduler;
  readonly #memory = new SimMemory(MACHINE_BYTES);
  readonly #world: World;
  readonly #budget: number;
  readonly #slack: number;
  #stores: DirectStore[] = [];
  #bad: string | undefined;
  memoryMax = 0;

  constructor(target: SimulatedTarget, settings: Settings, memoryBytes: number, seed: number) {
    const random = new Prng(seed).derive('memory');
    this.#target = target;
    this.#settings = settings;
    this.#budget = memoryBytes;
    this.#slack = SLACK_SEGMENTS * Number(settings.segmentBytes ?? 4096);
    this.#scheduler = new Scheduler(random.derive('scheduler'));
    this.#world = scheduledWorld(target, {
      scheduler: this.#scheduler,
      random,
      memory: this.#memory,
    });
  }

  /** Answers the first bound that was broken. Throws what the stores throw. */
  async problem(): Promise<string | undefined> {
    const phases = [
      ['two stores', () => this.#fillTwo()],
      ['reading both', () => this.#readTwo()],
      ['short of memory', () => this.#runShort()],
      ['an index over the budget', () => this.#largeIndex()],
    ] as const;
    for (const [name, phase] of phases) {
      await this.#scheduler.runUntil(phase());
      if (this.#bad !== undefined) return `${name}: ${this.#bad}`;
    }
    for (const store of this.#stores) await this.#scheduler.runUntil(store.close());
    return undefined;
  }

  get #records(): number {
    return Math.ceil((1.5 * this.#budget) / VALUE.length);
  }

  get #held(): number {
    return this.#stores.reduce((sum, store) => sum + store.memoryBytes(), 0);
  }

  async #open(directory: string): Promise<DirectStore> {
    const store = await this.#target.openDirect(this.#world.env, directory, this.#settings);
    this.#stores.push(store);
    return store;
  }

  /** Without what flushes and merges work in: a merge takes that while it runs, and caches give way. */
  #look(): void {
    const held = this.#held;
    this.memoryMax = Math.max(this.memoryMax, held);
    const most = this.#budget + this.#slack;
    if (held > most) this.#bad ??= `they hold ${held} bytes, over ${most}`;
  }

  #lookAtRest(): void {
    const held = this.#held + this.#stores.reduce((sum, store) => sum + store.workBytes(), 0);
    const most = this.#budget + this.#slack;
    if (held > most) this.#bad ??= `at rest they hold ${held} bytes, over ${most}`;
  }

  async #fill(store: DirectStore, name: string, records: number, value: string): Promise<void> {
    for (let first = 0; first < records; first += BATCH) {
      const changes = Array.from(
        { length: Math.min(BATCH, records - first) },
        (_, i): Change => [keyOf(name, first + i), value],
      );
      await store.write(changes);
      this.#look();
    }
  }

  #read(store: DirectStore, name: string, from: number, to: number, value: string): void {
    for (let i = from; i < to; i++) {
      if (store.get(keyOf(name, i)) !== value) this.#bad ??= `${name} ${i} is not found`;
      if (i % BATCH === 0) this.#look();
    }
  }

  async #fillTwo(): Promise<void> {
    for (const name of ['a', 'b']) {
      const store = await this.#open(name);
      await this.#fill(store, name, this.#records, VALUE);
      await store.compact();
      this.#read(store, name, 0, this.#records, VALUE);
    }
    await this.#scheduler.sleep(10_000);
    this.#lookAtRest();
  }

  /** The first store uses the whole budget, then the second opens. */
  async #readTwo(): Promise<void> {
    const [a, b] = this.#stores as [DirectStore, DirectStore];
    this.#read(a, 'a', 0, this.#records, VALUE);
    const hot = Math.floor((HOT_SHARE * this.#budget) / 2 / VALUE.length);
    for (let pass = 0; pass < PASSES_BEFORE_KEPT; pass++) this.#read(b, 'b', 0, hot, VALUE);
    const before = this.#world.disk.bytesRead;
    this.#read(b, 'b', 0, hot, VALUE);
    const again = this.#world.disk.bytesRead - before;
    if (again > 0)
      this.#bad ??= `the second read ${again} bytes that it had read ${PASSES_BEFORE_KEPT} times`;
  }

  async #runShort(): Promise<void> {
    const before = this.#held;
    const short = Math.floor(this.#budget / 32);
    this.#memory.available = 0;
    this.#memory.press(short);
    const most = before - short;
    if (this.#held > most) this.#bad ??= `they kept ${this.#held} bytes, over ${most}`;
    for (const [i, store] of this.#stores.entries()) {
      this.#read(store, 'ab'[i]!, 0, this.#records, VALUE);
    }
    if (this.#held > before - short) this.#bad ??= `while memory is short they grew again`;
    this.#memory.available = MACHINE_BYTES;
    for (const [i, store] of this.#stores.entries()) {
      this.#read(store, 'ab'[i]!, 0, this.#records, VALUE);
    }
    if (this.#held <= before - short) this.#bad ??= 'with memory again they did not grow';
  }

  async #largeIndex(): Promise<void> {
    const records = Math.ceil((INDEX_RECORDS * this.#budget) / 1024);
    const store = await this.#open('index');
    await this.#fill(store, 'i', records, '');
    await store.compact();
    this.#read(store, 'i', 0, records, '');
    await this.#scheduler.sleep(10_000);
    this.#lookAtRest();
  }
}
