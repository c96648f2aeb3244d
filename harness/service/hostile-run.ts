/**
 * HostileRun: a server in virtual time, one client that behaves well, alone and then beside many that
 * do not. Checked all the while: the limits hold, and no answer is an unknown error. Checked in the
 * end: the well-behaved client waited at most five times as long, a stalled disk makes the server
 * not ready and keeps no reader waiting, and whatever was abandoned is given back.
 */
import type { Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import { Scheduler } from '../simulation/sim/scheduler.ts';
import type { SimulatedService } from '../simulation/sim/simulated-service.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import type { Trouble } from '../simulation/sim/trouble.ts';
import { scheduledWorld } from '../simulation/sim/world.ts';
import { GoodClient } from './good-client.ts';
import { HostileClient } from './hostile-client.ts';

export interface HostilePlan {
  readonly clients: number;
  /** Of the well-behaved client, in each of its two phases. */
  readonly operations: number;
}

const LIMITS = {
  concurrency: 4,
  queue: 64,
  queueBytes: 200_000,
  sessions: 60,
  sessionIdleMs: 3000,
  transactions: 30,
  transactionMs: 2000,
  transactionBytes: 60_000,
  transactionsBytes: 600_000,
  ranges: 16,
  ingests: 8,
  stallMs: 1500,
  requestMs: 3000,
} as const;
/** What is held beyond the limits only within a turn. */
const SNAPSHOTS_MAX = LIMITS.transactions + LIMITS.ranges + 2 * LIMITS.concurrency;
const WATCH_MS = 1;
const SLOWER_MAX = 5;
/** Below it a wait is no wait: less than two syncs. */
const LEAST_MS = 4;
const STALL_MS = 4000;
/** Into the stall; readiness has noticed by then. */
const LOOK_MS = 2000;
/** Longer than any deadline of the limits. */
const SETTLED_MS = 15_000;

export class HostileRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #scheduler: Scheduler;
  readonly #acts = new Map<string, number>();
  #failure: unknown;
  #isOver = false;
  #diskStalls: Promise<void> | undefined;
  #heldMax = 0;
  #aloneMs = 0;
  #besideMs = 0;

  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#scheduler = new Scheduler(this.#random.derive('scheduler'));
  }

  get figures(): Readonly<Record<string, number>> {
    return {
      p99AloneMs: this.#aloneMs,
      p99BesideMs: this.#besideMs,
      heldBytesMax: this.#heldMax,
      virtualSeconds: this.#scheduler.nowMs / 1000,
      ...Object.fromEntries(this.#acts),
    };
  }

  /** Answers the first problem. Never throws. */
  async problem(plan: HostilePlan): Promise<string | undefined> {
    try {
      await this.#scheduler.runUntil(this.#run(plan));
      return undefined;
    } catch (error) {
      return (error as Error)?.message ?? String(error);
    }
  }

  async #run({ clients, operations }: HostilePlan): Promise<void> {
    const service = await this.#open();
    const scheduler = this.#scheduler;
    const good = new GoodClient({ scheduler, service, random: this.#random.derive('good') });
    await good.load();
    this.#aloneMs = await good.run(operations);
    this.#watch(service);
    const hostile = this.#release(service, clients);
    this.#besideMs = await good.run(operations);
    await this.#stallDisk(service, good, async () => undefined); // the hostile ones write
    for (const client of hostile) client.stop();
    await scheduler.sleep(SETTLED_MS);
    this.#isOver = true;
    if (this.#failure !== undefined) throw this.#failure;
    this.#judgeWaits();
    judgeRest(service);
    await good.run(operations / 10);
    await this.#stallDisk(service, good, () => good.put()); // nobody waits in a queue
    await service.stop();
  }

  async #open(): Promise<SimulatedService> {
    const { openService } = this.#target;
    if (openService === undefined) throw new Error(`${this.#target.name} has no server`);
    const trouble: Trouble = {
      read: () => undefined,
      write: (_, bytes) => bytes,
      sync: () => this.#diskStalls?.then(() => 'done' as const) ?? 'done',
    };
    const random = this.#random.derive('world');
    const { env } = scheduledWorld(this.#target, { scheduler: this.#scheduler, random, trouble });
    return openService(env, DIRECTORY, { store: this.#settings, limits: LIMITS });
  }

  #release(service: SimulatedService, count: number): HostileClient[] {
    const acted = (what: string) => this.#acts.set(what, (this.#acts.get(what) ?? 0) + 1);
    return Array.from({ length: count }, (_, number) => {
      const random = this.#random.derive('hostile', number);
      const client = new HostileClient({ scheduler: this.#scheduler, random, service, acted });
      client.run().catch((error: unknown) => {
        this.#failure ??= error;
      });
      return client;
    });
  }

  /** The limits hold at any time. */
  #watch(service: SimulatedService): void {
    this.#scheduler.after(WATCH_MS, () => {
      const held = service.held();
      this.#heldMax = Math.max(this.#heldMax, held.transactionBytes);
      const { concurrency, queue, sessions, transactions, transactionsBytes } = LIMITS;
      const limits: Readonly<Record<keyof typeof held, number>> = {
        requests: 2 * concurrency,
        waiting: 2 * queue,
        waitingBytes: 2 * LIMITS.queueBytes,
        sessions,
        transactions,
        transactionBytes: transactionsBytes,
        ranges: LIMITS.ranges,
        ingests: LIMITS.ingests,
        snapshots: SNAPSHOTS_MAX,
      };
      for (const [what, most] of Object.entries(limits) as [keyof typeof held, number][]) {
        if (held[what] <= most) continue;
        this.#failure ??= new Error(`${held[what]} ${what} are held, and the limit is ${most}`);
      }
      if (!this.#isOver) this.#watch(service);
    });
  }

  /** Writers wait for the disk, so the server is not ready; readers are served all the same. */
  async #stallDisk(
    service: SimulatedService,
    good: GoodClient,
    put: () => Promise<void>,
  ): Promise<void> {
    const scheduler = this.#scheduler;
    this.#diskStalls = scheduler.sleep(STALL_MS);
    const write = put();
    write.catch(() => undefined); // met below
    await scheduler.sleep(LOOK_MS);
    if (service.notReady() === undefined) {
      throw new Error(`every write has waited for ${LOOK_MS} ms, and the server says it is ready`);
    }
    await good.readPromptly();
    await this.#diskStalls;
    this.#diskStalls = undefined;
    await write;
  }

  #judgeWaits(): void {
    const most = SLOWER_MAX * Math.max(LEAST_MS, this.#aloneMs);
    if (this.#besideMs <= most) return;
    const said = `the well-behaved client waited ${this.#besideMs.toFixed(1)} ms (p99)`;
    throw new Error(`${said} beside hostile ones, ${this.#aloneMs.toFixed(1)} ms alone`);
  }
}

/** All deadlines are over: what was abandoned is given back. */
function judgeRest(service: SimulatedService): void {
  const unready = service.notReady();
  if (unready !== undefined) throw new Error(`all is quiet, and it is not ready: ${unready}`);
  for (const [what, count] of Object.entries(service.held())) {
    if (count !== 0) throw new Error(`all is quiet, and ${count} ${what} are held`);
  }
}
