/**
 * Trials of kill loops, on a store in this process whose process is only played: what it has written
 * stays when it is killed, open calls end without an answer. A store that writes its commits in two
 * steps is wrong only when an operation is open as the kill strikes; one that writes a commit just
 * after it has acknowledged it, only when the kill comes with the acknowledgement.
 */
import type { ProcessFault, Victim } from '../contract/fault.ts';
import type { EmbeddedTarget, Store, Transaction } from '../contract/target.ts';
import type { Verdict } from '../contract/verdict.ts';
import type { LoopHost } from '../plans/kill-loops.ts';

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
  const clean = await killed({ ...trial, startHost: playedHosts('honest') });
  if (clean.verdict.validity !== 'valid') {
    return `a store that keeps its promises is ${clean.verdict.validity}: ${clean.verdict.reasons[0]}`;
  }
  if (clean.kills !== LOOPS) return `${clean.kills} kills count as ${LOOPS}`;
  const faulty = await killed({ ...trial, startHost: playedHosts('in two steps') });
  if (faulty.verdict.validity !== 'invalid') {
    return `a store that writes commits in two steps is ${faulty.verdict.validity}`;
  }
  const late = await killed({ ...trial, startHost: playedHosts('acknowledges first') });
  if (late.verdict.validity !== 'invalid') {
    return `a store that acknowledges before it writes is ${late.verdict.validity}`;
  }
  const quiet = {
    ...trial,
    clients: 1,
    fault: WAITS_FOR_QUIET,
    startHost: playedHosts('in two steps'),
  };
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

type Played = 'honest' | 'in two steps' | 'acknowledges first';

function playedHosts(kind: Played): () => LoopHost {
  const files = new Map<string, string>();
  return () => new PlayedHost(files, kind);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const lost = () =>
  Object.assign(new Error('the process is gone'), { code: 'connection-lost', definite: false });

class PlayedHost implements LoopHost, Victim {
  readonly #files: Map<string, string>;
  readonly #kind: Played;
  readonly #death = Promise.withResolvers<never>();
  readonly #quiet = Promise.withResolvers<void>();
  /** The other stores are killed by a clock alone. */
  readonly dieAtCommit?: NonNullable<LoopHost['dieAtCommit']>;
  #commitsLeft = Number.POSITIVE_INFINITY;
  #struck: () => void = () => undefined;
  #isAwaited = false;
  #isDead = false;

  constructor(files: Map<string, string>, kind: Played) {
    this.#files = files;
    this.#kind = kind;
    if (kind === 'acknowledges first') this.dieAtCommit = this.#dieAtCommit;
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
      commit: () =>
        this.#kind === 'acknowledges first'
          ? this.#acknowledge([...written])
          : Promise.race([this.#commit([...written]), this.#death.promise]),
      rollback: async () => {},
    };
  }

  async #dieAtCommit(commits: number, struck: () => void): Promise<void> {
    this.#commitsLeft = commits;
    this.#struck = struck;
    await this.#death.promise.catch(() => undefined);
  }

  /** What is acknowledged here is written a moment later. */
  async #acknowledge(entries: readonly (readonly [string, string])[]): Promise<void> {
    await turn();
    if (this.#isDead) throw lost();
    queueMicrotask(() => {
      if (this.#isDead) return;
      for (const [key, value] of entries) this.#files.set(key, value);
    });
    if (--this.#commitsLeft > 0) return;
    this.#struck();
    void this.kill();
  }

  async #commit(entries: readonly (readonly [string, string])[]): Promise<void> {
    const first = this.#kind === 'in two steps' ? entries.length >> 1 : entries.length;
    await this.#write(entries.slice(0, first));
    await this.#write(entries.slice(first));
  }

  async #write(entries: readonly (readonly [string, string])[]): Promise<void> {
    if (this.#isDead) throw lost();
    for (const [key, value] of entries) this.#files.set(key, value);
    await turn();
  }
}
