/**
 * Trials of kill loops, on a store in this process whose process is only played: what it has written
 * stays when it is killed, open calls end without an answer. A store that writes its commits in two
 * steps is wrong only when an operation is open as the kill strikes.
 */
import type { ProcessFault, Victim } from '../contract/fault.ts';
import type { EmbeddedTarget, Store, Transaction } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import type { LoopHost } from '../runner/kill-loops.ts';

const LOOPS = 16;

export interface KillTrial {
  readonly clients: number;
  readonly loops: number;
  readonly fault: ProcessFault;
  readonly startHost: () => LoopHost;
}

/** What kill loops say of a store, and how many kills they count. */
export type Killed = (trial: KillTrial) => Promise<{ verdict: Verdict; kills: number }>;

/** Requires: `kill`, the fault of the registry. */
export async function tryKills(kill: ProcessFault, killed: Killed): Promise<string | undefined> {
  const trial = { clients: 2, loops: LOOPS, fault: kill };
  const clean = await killed({ ...trial, startHost: playedHosts(false) });
  if (clean.verdict.validity !== 'valid') {
    return `a store that keeps its promises is ${clean.verdict.validity}: ${clean.verdict.reasons[0]}`;
  }
  if (clean.kills !== LOOPS) return `${clean.kills} kills count as ${LOOPS}`;
  const faulty = await killed({ ...trial, startHost: playedHosts(true) });
  if (faulty.verdict.validity !== 'invalid') {
    return `a store that writes commits in two steps is ${faulty.verdict.validity}`;
  }
  const quiet = { ...trial, clients: 1, fault: WAITS_FOR_QUIET, startHost: playedHosts(true) };
  const { verdict } = await killed(quiet);
  return verdict.validity === 'unknown'
    ? undefined
    : `kills that strike when no operation is open count: the store is ${verdict.validity}`;
}

const WAITS_FOR_QUIET: ProcessFault = {
  kind: 'process',
  name: 'kill-when-quiet',
  doc: 'kills between two operations',
  inject: (victim) => (victim as PlayedHost).killWhenQuiet(),
};

/** The target of the trials; the hosts open the store. */
export const PLAYED_TARGET: EmbeddedTarget = {
  kind: 'embedded',
  name: 'played-store',
  doc: 'a store whose process is played',
  capabilities: { isolation: 'read-committed', durable: true, graph: false },
  open: () => Promise.reject(new Error('the played store is opened by its host')),
};

function playedHosts(inTwoSteps: boolean): () => LoopHost {
  const files = new Map<string, string>();
  return () => new PlayedHost(files, inTwoSteps);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const lost = () =>
  Object.assign(new Error('the process is gone'), { code: 'connection-lost', definite: false });

class PlayedHost implements LoopHost, Victim {
  readonly #files: Map<string, string>;
  readonly #inTwoSteps: boolean;
  readonly #death = Promise.withResolvers<never>();
  readonly #quiet = Promise.withResolvers<void>();
  #isAwaited = false;
  #isDead = false;

  constructor(files: Map<string, string>, inTwoSteps: boolean) {
    this.#files = files;
    this.#inTwoSteps = inTwoSteps;
    this.#death.promise.catch(() => {});
  }

  async open(): Promise<{ readonly store: Store; readonly durationMs: number }> {
    const session = { begin: () => this.#begin(), close: async () => {} };
    return { store: { connect: async () => session, close: async () => {} }, durationMs: 0 };
  }

  async kill(): Promise<void> {
    this.#isDead = true;
    this.#death.reject(lost());
  }

  /** Between two operations of the one client there is. */
  async killWhenQuiet(): Promise<void> {
    this.#isAwaited = true;
    await this.#quiet.promise;
  }

  async #begin(): Promise<Transaction> {
    if (this.#isAwaited) {
      await this.kill();
      this.#quiet.resolve();
    }
    if (this.#isDead) throw lost();
    const written = new Map<string, string>();
    return {
      get: async (key) => written.get(key) ?? this.#files.get(key),
      put: async (key, value) => void written.set(key, value),
      delete: () => Promise.reject(new Error('the played store deletes nothing')),
      range: async ({ prefix = '', limit = Number.POSITIVE_INFINITY }) =>
        [...this.#files]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, limit),
      commit: () => Promise.race([this.#commit([...written]), this.#death.promise]),
      rollback: async () => {},
    };
  }

  async #commit(entries: readonly (readonly [string, string])[]): Promise<void> {
    const first = this.#inTwoSteps ? entries.length >> 1 : entries.length;
    await this.#write(entries.slice(0, first));
    await this.#write(entries.slice(first));
  }

  async #write(entries: readonly (readonly [string, string])[]): Promise<void> {
    if (this.#isDead) throw lost();
    for (const [key, value] of entries) this.#files.set(key, value);
    await turn();
  }
}
