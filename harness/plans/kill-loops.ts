/**
 * Kill loops: clients load a store in a child process; SIGKILL at a random instant, or when it acknowledges
 * a commit; a standby process takes over, recovers and is read; again on the same files. The history is
 * judged after kills 1, 2, 4, 8 and so on and at the end, so that a violation ends the run early and a time
 * limit loses no verdict. At the end verification must find nothing.
 *
 * A kill counts if it left an operation open that was invoked before it. A kill that found the clients idle
 * is repeated; a run in which more than one in ten were idle is `unknown`.
 */
import { mkdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { nothingWrong, type Outcome, type Progress, percentilesOf } from '../cells/outcome.ts';
import { Client } from '../client/client.ts';
import { type Checker, judge } from '../contract/checker.ts';
import type { ProcessFault, Victim } from '../contract/fault.ts';
import { operationsOf } from '../contract/pairing.ts';
import type { KillLoops } from '../contract/scenario.ts';
import type { EmbeddedTarget, Settings, Store } from '../contract/target.ts';
import { mergeVerdicts, type Verdict } from '../contract/verdict.ts';
import type { Workload, WorkloadInstance } from '../contract/workload.ts';
import { Recorder } from '../history/recorder.ts';
import { Prng } from '../random/prng.ts';
import { StoreHost } from '../real/hosted-store.ts';

/** More idle kills than this share make a run `unknown`. */
const IDLE_SHARE_MAX = 0.1;

/** Commits before a kill at an acknowledgement, at most. */
const COMMITS_MAX = 20;
/** A kill at an acknowledgement is given up after the longest wait, times this. */
const PATIENCE = 20;

/** A process that holds a store. */
export interface LoopHost extends Victim {
  /**
   * Kills itself as it acknowledges a commit, `commits` from now; resolves when it is gone. `struck` is
   * called before anybody hears of that commit. Left out where a process can't.
   */
  dieAtCommit?(commits: number, struck: () => void): Promise<void>;
  open(
    directory: string,
    settings: Settings,
  ): Promise<{ readonly store: Store; readonly durationMs: number }>;
}

export interface KillLoopsParts {
  readonly target: EmbeddedTarget;
  /** Starts a process that can open the target. */
  readonly startHost: () => LoopHost;
  readonly settings: Settings;
  readonly workload: Workload;
  readonly workloadOptions: Readonly<Record<string, number>>;
  readonly checkers: readonly Checker[];
  readonly fault: ProcessFault;
  readonly plan: KillLoops;
  readonly seed: number;
  readonly progress: Progress;
  /** An empty directory for the store's files. */
  readonly directory: string;
  readonly historySink: (line: string) => void;
}

/** Processes that hold the target of a module. */
export const hostsOf = (targetUrl: string) => (): LoopHost => new StoreHost(targetUrl);

export async function runKillLoops(parts: KillLoopsParts): Promise<Outcome> {
  const run = new KillLoopRun(parts);
  try {
    await run.loop();
    return await run.outcome();
  } catch (error) {
    const reasons = [`after ${run.loops} kills: ${(error as Error)?.message ?? String(error)}`];
    const verdict: Verdict = { validity: 'invalid', reasons, counts: {} };
    const judged = await run.outcome();
    return { ...judged, verdict: mergeVerdicts([verdict, judged.verdict]) };
  } finally {
    await run.end();
  }
}

class KillLoopRun {
  readonly #parts: KillLoopsParts;
  readonly #recorder: Recorder;
  readonly #workload: WorkloadInstance;
  readonly #random: Prng;
  readonly #recoveries: number[] = [];
  readonly #restarts: number[] = [];
  #host: LoopHost;
  #standby: LoopHost;
  #processes = 0;
  #sequence = 0;
  #problems: readonly string[] = [];
  #violation: Verdict | undefined;
  #idleKills = 0;
  #goOn = true;
  loops = 0;

  constructor(parts: KillLoopsParts) {
    const began = performance.now();
    this.#parts = parts;
    this.#recorder = new Recorder(() => performance.now() - began, parts.historySink);
    const { workload, workloadOptions } = parts;
    this.#workload = workload.create({ ...workload.options, ...workloadOptions });
    this.#random = new Prng(parts.seed);
    mkdirSync(parts.directory, { recursive: true });
    this.#host = parts.startHost();
    this.#standby = parts.startHost();
  }

  async loop(): Promise<void> {
    const { plan, directory, settings, progress } = this.#parts;
    let store = (await this.#host.open(directory, settings)).store;
    await this.#workload.setup(await store.connect());
    let judgeAt = 1;
    while (this.loops < plan.loops && this.#violation === undefined && this.#goOn) {
      const open = await this.#killUnderLoad(store);
      const dead = performance.now();
      const { store: recovered, durationMs } = await this.#takeOver();
      this.#recoveries.push(durationMs);
      this.#restarts.push(performance.now() - dead);
      store = recovered;
      await this.#read(store);
      if (open > 0) this.loops++;
      else if (++this.#idleKills > plan.loops * IDLE_SHARE_MAX + 1) break;
      if (this.loops === judgeAt) {
        judgeAt *= 2;
        this.#violation = violationIn(this.#judged());
      }
      this.#goOn = progress(this.loops, plan.loops, 'kills');
    }
    await store.close();
    this.#problems = (await this.#parts.target.verify?.(directory)) ?? [];
  }

  async outcome(): Promise<Outcome> {
    const events = this.#recorder.events();
    const operations = operationsOf(events);
    const verdict = mergeVerdicts([this.#violation ?? this.#judged(), ...this.#besides()]);
    const count = (type: string) => operations.filter((one) => one.type === type).length;
    const recovery = percentilesOf(this.#recoveries);
    return {
      verdict,
      figures: {
        kills: this.loops,
        idleKills: this.#idleKills,
        acknowledged: count('ok'),
        indefinite: count('info'),
        restartP50Ms: percentilesOf(this.#restarts)?.p50 ?? 0,
      },
      ...(recovery === undefined ? {} : { recovery }),
      ...(verdict.validity === 'valid' ? {} : { events }),
      notVerified: ['power loss: a killed process leaves the page cache to the kernel'],
    };
  }

  #judged(): Verdict {
    const operations = operationsOf(this.#recorder.events());
    return mergeVerdicts(this.#parts.checkers.map((checker) => judge(checker, operations)));
  }

  /** Problems besides the checkers': verification, idle kills, the time limit. */
  #besides(): Verdict[] {
    const { plan } = this.#parts;
    const verdicts = this.#problems.map(
      (problem): Verdict => ({ validity: 'invalid', reasons: [`verify: ${problem}`], counts: {} }),
    );
    if (this.#idleKills > plan.loops * IDLE_SHARE_MAX + 1) {
      const reasons = [`${this.#idleKills} kills came while no operation was open`];
      verdicts.push({ validity: 'unknown', reasons, counts: {} });
    }
    if (!this.#goOn) verdicts.push(nothingWrong(this.loops, plan.loops, 'kills', {}));
    return verdicts;
  }

  async end(): Promise<void> {
    await Promise.all([this.#host.kill(), this.#standby.kill()]);
  }

  /** Runs the clients until the process has ended. Returns the number of open operations. */
  async #killUnderLoad(store: Store): Promise<number> {
    const { plan, fault } = this.#parts;
    const generator = this.#random.derive(`loop ${this.loops + this.#idleKills}`);
    let alive = true;
    let isStruck = false;
    let open = 0;
    const begun = Promise.withResolvers<void>();
    const work = async () => {
      const client = await this.#client(store);
      begun.resolve();
      while (alive) {
        const next = { random: generator, sequence: this.#sequence++ };
        const beganBefore = !isStruck;
        const ended = await client.do(this.#workload.next(next));
        if (ended !== 'info') continue;
        if (beganBefore) open++;
        return;
      }
    };
    const clients = Array.from({ length: plan.clients }, work);
    // On a loaded machine it takes longer to connect than until the kill.
    await Promise.race([begun.promise, Promise.allSettled(clients)]);
    await this.#kill(generator.derive('kill'), () => {
      isStruck = true;
    });
    isStruck = true;
    await fault.inject(this.#host);
    alive = false;
    await Promise.allSettled(clients);
    return open;
  }

  /** By turns at a random instant, and at an acknowledgement: what it promises is written by then. */
  async #kill(random: Prng, struck: () => void): Promise<void> {
    const [low, high] = this.#parts.plan.killAfterMs;
    const host = this.#host;
    const isAtCommit = (this.loops + this.#idleKills) % 2 === 1 && host.dieAtCommit !== undefined;
    if (!isAtCommit) return sleep(low + random.fraction() * (high - low));
    const patience = new AbortController();
    const wait = sleep(PATIENCE * high, undefined, patience).catch(() => undefined);
    await Promise.race([host.dieAtCommit?.(random.between(1, COMMITS_MAX), struck), wait]);
    patience.abort();
  }

  async #takeOver() {
    const { directory, settings, startHost } = this.#parts;
    this.#host = this.#standby;
    this.#standby = startHost();
    return this.#host.open(directory, settings);
  }

  async #read(store: Store): Promise<void> {
    const reader = await this.#client(store);
    for (const read of this.#workload.finalReads) {
      const ended = await reader.do(read);
      if (ended !== 'ok') throw new Error(`the read after recovery ended in ${ended}`);
    }
  }

  async #client(store: Store): Promise<Client> {
    const session = await store.connect();
    const newProcess = () => this.#processes++;
    return new Client({ session, workload: this.#workload, recorder: this.#recorder, newProcess });
  }
}

function violationIn(verdict: Verdict): Verdict | undefined {
  return verdict.validity === 'invalid' ? verdict : undefined;
}
