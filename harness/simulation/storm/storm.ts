/**
 * Storm: one run of a workload on a simulated store under every fault that the knobs have turned on: crashes and
 * recoveries, disk errors, a wrong clock, a bad network. A liveness phase follows: all faults stop, and the
 * store must serve operations again. The whole run is one history, across all crashes.
 *
 * Deterministic: the seed and the plan determine the run.
 */

import { Client } from '../../client/client.ts';
import type { HistoryEvent } from '../../contract/history.ts';
import type { Session, Settings } from '../../contract/target.ts';
import type { Invocation, Workload } from '../../contract/workload.ts';
import { Recorder } from '../../history/recorder.ts';
import { Prng } from '../../random/prng.ts';
import { Ledger } from '../sim/ledger.ts';
import { Scheduler } from '../sim/scheduler.ts';
import type { SimulatedTarget } from '../sim/simulated-target.ts';
import type { Milestone } from './milestones.ts';
import { StormNetwork } from './storm-network.ts';
import type { StormPlan } from './storm-plan.ts';
import { StormServer } from './storm-server.ts';

export interface StormParts {
  readonly target: SimulatedTarget;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly workloadOptions: Readonly<Record<string, number>>;
}

export interface StormResult {
  readonly events: readonly HistoryEvent[];
  readonly ledger: Ledger;
  readonly milestones: ReadonlySet<Milestone>;
  readonly virtualMs: number;
  readonly schedulerEvents: number;
  readonly crashes: number;
  /** What went wrong beside what the history shows. */
  readonly problem: string | undefined;
}

/** A client gives up on an answer after this long. */
const PATIENCE_MS = 10_000;
const BETWEEN_PARTITIONS_MS = 400;
const BETWEEN_FULL_DISKS_MS = 1500;
/** After the storm: operations of each client, and the time the store has for all of them. */
const CALM_OPERATIONS = 3;
const CALM_MS = 60_000;

/** Never throws for the target's behaviour: that becomes a problem or an event. */
export async function storm(parts: StormParts, plan: StormPlan): Promise<StormResult> {
  const run = new StormRun(parts, plan);
  const problem = await run.run();
  return {
    events: run.recorder.events(),
    ledger: run.ledger,
    milestones: run.server.milestones,
    virtualMs: run.scheduler.nowMs,
    schedulerEvents: run.scheduler.fired,
    crashes: run.server.crashes,
    problem,
  };
}

class StormRun {
  readonly #plan: StormPlan;
  readonly #random: Prng;
  readonly #workload;
  readonly #network: StormNetwork;
  readonly #thinking: Prng;
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  readonly ledger = new Ledger();
  readonly server: StormServer;
  #processes = 0;
  #sequence = 0;
  #isOver = false;

  constructor(parts: StormParts, plan: StormPlan) {
    this.#plan = plan;
    this.#random = new Prng(plan.seed);
    this.#thinking = this.#random.derive('think');
    const { workload, workloadOptions } = parts;
    this.#workload = workload.create({ ...workload.options, ...workloadOptions });
    this.scheduler = new Scheduler(this.#random.derive('scheduler'));
    this.recorder = new Recorder(() => this.scheduler.nowMs);
    const shared = { ...parts, plan, random: this.#random, scheduler: this.scheduler };
    this.server = new StormServer({ ...shared, ledger: this.ledger });
    this.#network = new StormNetwork({ ...shared, ledger: this.ledger });
  }

  async run(): Promise<string | undefined> {
    try {
      return await this.scheduler.runUntil(this.#phases());
    } catch (error) {
      return (error as Error)?.message ?? String(error);
    }
  }

  async #phases(): Promise<string | undefined> {
    const { server } = this;
    await server.start();
    await this.#workload.setup(await server.session());
    this.#network.begin();
    server.trouble(true);
    const clients = Array.from({ length: this.#plan.clients }, (_, i) => this.#client(i));
    this.#repeat(this.#plan.crashEveryMs, () => this.#crash());
    this.#repeat(BETWEEN_PARTITIONS_MS, async () => this.#network.partition());
    if (this.#plan.faults.has('disk-full')) {
      this.#repeat(BETWEEN_FULL_DISKS_MS, () => server.fillDisk());
    }
    await Promise.all(clients);
    return this.#calm();
  }

  /** Faults stop; every store that can recover must serve operations within a minute. */
  async #calm(): Promise<string | undefined> {
    const { server } = this;
    this.#isOver = true;
    this.#network.end();
    server.trouble(false);
    if (server.hasFailed) await this.#restart();
    const served = this.#readFinally();
    let inTime = false;
    const late = this.scheduler.sleep(CALM_MS).then(() => undefined);
    await Promise.race([
      served.then(() => {
        inTime = true;
      }),
      late,
    ]);
    if (!inTime) return `the storm is over for ${CALM_MS / 1000} s, and the store does not answer`;
    const problem = await served;
    return problem ?? server.problem();
  }

  async #readFinally(): Promise<string | undefined> {
    for (let i = 0; i < this.#plan.clients * CALM_OPERATIONS; i++) {
      const session = await this.server.session();
      const client = this.#clientOn(() => session);
      const outcome = await client.do(this.#next());
      if (outcome === 'info') return 'the storm is over, and an operation still fails';
    }
    const session = await this.server.session();
    const reader = this.#clientOn(() => session);
    for (const read of this.#workload.finalReads) {
      if ((await reader.do(read)) !== 'ok') return 'the storm is over, and the last read fails';
    }
    return undefined;
  }

  #next() {
    const random = this.#random.derive('operation', this.#sequence);
    return this.#workload.next({ random, sequence: this.#sequence++ });
  }

  async #client(number: number): Promise<void> {
    const client = this.#clientOn(() => undefined, number);
    while (this.#sequence < this.#plan.operations) {
      await client.do(this.#next());
      if (this.server.hasFailed) await this.#restart();
      await this.scheduler.sleep(this.#thinking.fraction() * this.#plan.thinkMs);
    }
  }

  /** A client that calls through the network, or right there on `session`. */
  #clientOn(session: () => Awaited<ReturnType<StormServer['session']>> | undefined, number = -1) {
    const workload = {
      ...this.#workload,
      invoke: (_: unknown, invocation: Invocation) => {
        const direct = session();
        if (direct !== undefined) return this.#workload.invoke(direct, invocation);
        const invoke = (served: Session) => this.#workload.invoke(served, invocation);
        const serve = () => this.server.session().then(invoke);
        const isLocal = this.#network.isPerfect;
        return this.#patiently(isLocal ? serve() : this.#network.call(number, serve));
      },
    };
    const { recorder } = this;
    const watched = {
      record: (...event: Parameters<Recorder['record']>) => {
        this.server.noteOutcome(event[0], event[3]);
        recorder.record(...event);
      },
    } as Recorder;
    const newProcess = () => this.#processes++;
    const nobody = undefined as never;
    return new Client({ session: nobody, workload, recorder: watched, newProcess });
  }

  /** The answer; or an error, when it takes too long or the server goes meanwhile. */
  #patiently<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const patience = this.scheduler.after(PATIENCE_MS, () => {
        isOver = true;
        this.server.forget(gone);
        reject(new Error('no answer'));
      });
      const gone = this.server.whenGone(() => {
        isOver = true;
        patience.cancel();
        reject(new Error('the process is gone'));
      });
      const settle = <A>(act: (outcome: A) => void) => {
        return (outcome: A) => {
          if (isOver) return;
          isOver = true;
          patience.cancel();
          this.server.forget(gone);
          act(outcome);
        };
      };
      answer.then(settle(resolve), settle(reject));
    });
  }

  /** Repeats at random intervals until the storm ends. */
  #repeat(meanMs: number, act: () => Promise<void>): void {
    const random = this.#random.derive(`repeat ${meanMs}`);
    const next = () => {
      this.scheduler.after(-meanMs * Math.log(1 - random.fraction()), () => {
        if (this.#isOver) return;
        act().then(next, next);
      });
    };
    next();
  }

  async #crash(): Promise<void> {
    this.#network.serverGone();
    await this.server.crash();
  }

  async #restart(): Promise<void> {
    this.#network.serverGone();
    await this.server.restart();
  }
}
