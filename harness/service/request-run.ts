/**
 * RequestRun: one server in virtual time, with clients whose every request is doubled, early and
 * late, while the process dies, its disk fills up, sessions expire, and more want in than may.
 *
 * What is checked: reads go by `WrittenKeys`; batches are seen whole; a counter that transactions
 * raise counts each commit once; an ingest leaves a prefix of its stream, in stream order, and says
 * how much; in the end nothing is held for anyone.
 */

import type { Settings } from '../contract/target.ts';
import { Prng } from '../random/prng.ts';
import { DIRECTORY } from '../simulation/explore/record-run.ts';
import { Incarnations } from '../simulation/model/incarnations.ts';
import type {
  HeldByClients,
  ServiceLimits,
  SimulatedService,
} from '../simulation/sim/simulated-service.ts';
import type { SimulatedTarget } from '../simulation/sim/simulated-target.ts';
import { DoublingTransport } from './doubling-transport.ts';
import { RequestClient } from './request-client.ts';
import { RequestLedger } from './request-ledger.ts';

const CLIENTS = 8;
/** So small that each limit is met. */
const LIMITS: ServiceLimits = {
  concurrency: 1,
  queue: 3,
  transactions: 3,
  transactionMs: 400,
  sessions: 12,
  sessionIdleMs: 800,
  sessionPruneAt: 3,
  ranges: 3,
  ingests: 2,
  ingestQueue: 4,
  stallMs: 300,
  requestMs: 1500,
};
/** The last part of the requests, in which a server that lost places to faults must be stuck. */
const CALM = 0.3;
const WATCH_MS = 50;
const CRASH_EVERY_MS = 1500;
/** How likely a crash is behind a request, */
const BEHIND: Readonly<Record<string, number>> = { CloseSession: 0.2, Put: 0.03 };
/** and how soon it comes. */
const BEHIND_MS = 12;
const FAIL_EVERY_MS = 1200;
/** From a failed sync to the restart that it takes. */
const FAILED_MS = 40;
const FULL_EVERY_MS = 400;
const FULL_MS = 60;
/** Of a disk that is called full. */
const SPARE_BYTES = 3000;
/** Longer than any deadline of the limits, and than any late copy. */
const SETTLED_MS = 6000;

export class RequestRun {
  readonly #target: SimulatedTarget;
  readonly #settings: Settings;
  readonly #random: Prng;
  readonly #crashes: Prng;
  readonly #incarnations: Incarnations;
  readonly #transport: DoublingTransport;
  readonly #ledger = new RequestLedger();
  #service: SimulatedService | undefined;
  /** No faults from here on, only requests. */
  #isCalm = false;
  #isOver = false;

  constructor(target: SimulatedTarget, settings: Settings, seed: number) {
    this.#target = target;
    this.#settings = settings;
    this.#random = new Prng(seed);
    this.#crashes = this.#random.derive('crashes');
    this.#incarnations = new Incarnations(target, this.#random);
    this.#transport = new DoublingTransport({
      scheduler: this.#incarnations.scheduler,
      random: this.#random.derive('transport'),
      service: () => this.#service,
      sent: (name) => this.#crashBehind(name),
      silent: (name) => this.#ledger.fail(new Error(`${name} is not answered in time`)),
    });
  }

  get figures(): Readonly<Record<string, number>> {
    return {
      ...this.#ledger.figures,
      doubled: this.#transport.doubled,
      crashes: this.#incarnations.crashes,
      virtualSeconds: this.#incarnations.scheduler.nowMs / 1000,
    };
  }

  /** Each client makes `requests` requests; answers the first problem. Never throws. */
  async problem(requests: number): Promise<string | undefined> {
    try {
      await this.#incarnations.scheduler.runUntil(this.#run(requests));
      return undefined;
    } catch (error) {
      return (error as Error)?.message ?? String(error);
    }
  }

  async #run(requests: number): Promise<void> {
    const { scheduler } = this.#incarnations;
    await this.#open(() => this.#incarnations.first());
    const clients = Array.from({ length: CLIENTS }, (_, number) => {
      const random = this.#random.derive('client', number);
      const parts = { number, random, scheduler, transport: this.#transport, ledger: this.#ledger };
      return new RequestClient(parts);
    });
    this.#watch();
    this.#repeat(CRASH_EVERY_MS, () => this.#crash());
    this.#repeat(FULL_EVERY_MS, () => this.#fillDisk());
    this.#repeat(FAIL_EVERY_MS, () => this.#failSync());
    const calmRequests = Math.ceil(CALM * requests);
    await Promise.all(clients.map((client) => client.run(requests - calmRequests)));
    this.#isCalm = true;
    await Promise.all(clients.map((client) => client.run(calmRequests)));
    await scheduler.sleep(SETTLED_MS);
    this.#isOver = true;
    if (this.#ledger.failure !== undefined) throw this.#ledger.failure;
    await this.#judge();
  }

  /** No wait of the disk is as long as what readiness calls stuck. */
  #watch(): void {
    this.#incarnations.scheduler.after(WATCH_MS, () => {
      const unready = this.#service?.notReady();
      if (unready?.startsWith('stuck')) this.#ledger.fail(new Error(`the server is ${unready}`));
      if (!this.#isOver) this.#watch();
    });
  }

  async #judge(): Promise<void> {
    const service = this.#service;
    if (service === undefined) throw new Error('the server does not run');
    const unready = service.notReady();
    if (unready !== undefined) throw new Error(`all is quiet, and it is not ready: ${unready}`);
    for (const [what, count] of Object.entries(service.held() satisfies HeldByClients)) {
      if (count !== 0) throw new Error(`all is quiet, and ${count} ${what} are held`);
    }
    const own = service.ownRecords();
    if (own > 0) throw new Error(`every session has ended, and left ${own} records`);
    const reader = new RequestClient({
      number: CLIENTS,
      random: this.#random.derive('reader'),
      scheduler: this.#incarnations.scheduler,
      transport: this.#transport,
      ledger: this.#ledger,
    });
    await reader.readAll();
    await service.stop();
    this.#service = undefined;
    this.#incarnations.verify();
  }

  async #open(world: () => ReturnType<Incarnations['first']>): Promise<void> {
    const settings = { store: this.#settings, limits: LIMITS };
    const openService = this.#target.openService;
    if (openService === undefined) throw new Error(`${this.#target.name} has no server`);
    this.#service = await openService(world(), DIRECTORY, settings);
  }

  async #crash(): Promise<void> {
    if (this.#service === undefined) return;
    this.#service = undefined;
    this.#transport.serverGone();
    const mode = this.#random.pick(['kill', 'none-kept', 'torn', 'all-kept'] as const);
    await this.#open(() => this.#incarnations.after(mode));
  }

  /**
   * A close, and every few writes, make the server remove what it kept: a crash soon after may come
   * in the middle of that.
   */
  #crashBehind(name: string): void {
    const chance = BEHIND[name];
    if (this.#isCalm || chance === undefined || !this.#crashes.chance(chance)) return;
    this.#incarnations.scheduler.after(BEHIND_MS * this.#crashes.fraction(), () => {
      if (!this.#isCalm) this.#crash().catch((error) => this.#ledger.fail(error));
    });
  }

  /** The store takes no more writes, until somebody starts it again. */
  async #failSync(): Promise<void> {
    if (this.#service === undefined) return;
    this.#incarnations.disk.failSyncIn(this.#random.between(1, 4));
    await this.#incarnations.scheduler.sleep(FAILED_MS);
    await this.#crash();
  }

  async #fillDisk(): Promise<void> {
    const { disk } = this.#incarnations;
    disk.capacityBytes = disk.usedBytes + SPARE_BYTES;
    await this.#incarnations.scheduler.sleep(FULL_MS);
    disk.capacityBytes = Number.MAX_SAFE_INTEGER;
  }

  /** Again and again, at random distances, until all is calm. */
  #repeat(meanMs: number, act: () => Promise<void>): void {
    const random = this.#random.derive(`every ${meanMs}`);
    const next = () => {
      this.#incarnations.scheduler.after(-meanMs * Math.log(1 - random.fraction()), () => {
        if (!this.#isCalm) act().then(next, (error) => this.#ledger.fail(error));
      });
    };
    next();
  }
}
