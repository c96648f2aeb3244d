/**
 * Simulated stores, one for each isolation level. Each allows what its level allows, and often shows
 * it:
 *
 *     strict-serializable   all operations take effect at the commit
 *     serializable          the same, but read-only transactions may see an earlier state
 *     snapshot-isolation    reads from a snapshot taken at begin; first committer wins
 *     strong-session-snapshot-isolation   a stale snapshot, but not older than the client's last one
 *     parallel-snapshot-isolation         each client has a replica that receives other commits late
 *     causal                the same, without write conflicts
 *     read-atomic           each recent commit is visible as a whole or not at all
 *     read-committed        each read sees the commits so far
 *     read-uncommitted      writes take effect at once; a rollback does not undo them
 */
import type { Prng } from '../random/prng.ts';

export const STORE_LEVELS = [
  'strict-serializable',
  'serializable',
  'snapshot-isolation',
  'strong-session-snapshot-isolation',
  'parallel-snapshot-isolation',
  'causal',
  'read-atomic',
  'read-committed',
  'read-uncommitted',
] as const;

export type StoreLevel = (typeof STORE_LEVELS)[number];

/** `value` is a list if the read object is a list. */
export type Micro = [f: 'r' | 'w' | 'append', key: number, value: unknown];

export interface Running {
  readonly process: number;
  readonly client: number;
  readonly operations: Micro[];
  /** Number of performed operations. */
  at: number;
  /** Snapshot: it sees commits up to this number. */
  snapshot: number;
  /** Read atomic: identifies the set of recent commits it sees. */
  readonly salt: number;
}

interface Versions {
  readonly commits: number[];
  readonly values: unknown[];
  readonly clients: number[];
}

/** Maximum lag of an old snapshot or a replica, in commits. */
const LAG_MAX = 12;

export class SimulatedStore {
  readonly #level: StoreLevel;
  readonly #random: Prng;
  readonly #versions = new Map<number, Versions>();
  /** By client: the newest commit it has seen or made. */
  readonly #seen: number[];
  readonly #hasLists: boolean;
  #commits = 0;

  constructor(level: StoreLevel, clients: number, hasLists: boolean, random: Prng) {
    this.#level = level;
    this.#random = random;
    this.#hasLists = hasLists;
    this.#seen = Array.from({ length: clients }, () => 0);
  }

  begin(running: Running): void {
    const now = this.#commits;
    const old = Math.max(0, now - this.#random.below(LAG_MAX));
    running.snapshot = now;
    if (this.#level === 'read-atomic') running.snapshot = now - LAG_MAX;
    if (this.#isReplicated() || this.#level === 'strong-session-snapshot-isolation') {
      running.snapshot = Math.max(old, this.#seen[running.client]!);
      this.#seen[running.client] = running.snapshot;
    }
  }

  /** Performs the next operation of a transaction that takes effect operation by operation. */
  step(running: Running): void {
    const operation = running.operations[running.at++]!;
    const [f, key] = operation;
    if (f !== 'r') {
      if (this.#level === 'read-uncommitted') this.#install(running, key, operation[2]);
    } else if (!this.#worksAtCommit()) {
      operation[2] = this.#read(running, running.at - 1);
    }
  }

  /** Returns whether it committed; a conflict rolls it back. */
  commit(running: Running): boolean {
    const { operations, client } = running;
    if (this.#conflicts(running)) return false;
    const readsOnly = operations.every(([f]) => f === 'r');
    if (this.#worksAtCommit()) {
      running.snapshot = this.#commits;
      if (this.#level === 'serializable' && readsOnly) {
        running.snapshot = Math.max(0, this.#commits - this.#random.below(LAG_MAX));
      }
      for (const [at, operation] of operations.entries()) {
        if (operation[0] === 'r') operation[2] = this.#read(running, at);
      }
    }
    if (readsOnly || this.#level === 'read-uncommitted') return true;
    this.#commits++;
    if (!this.#isReplicated()) this.#seen[client] = this.#commits;
    for (const [at, [f, key, value]] of operations.entries()) {
      if (f === 'r') continue;
      if (f === 'append' || isLastWrite(operations, at)) this.#install(running, key, value);
    }
    return true;
  }

  #worksAtCommit(): boolean {
    return this.#level === 'strict-serializable' || this.#level === 'serializable';
  }

  #isReplicated(): boolean {
    return this.#level === 'causal' || this.#level === 'parallel-snapshot-isolation';
  }

  /** First committer wins: a key it writes has a version it did not see. */
  #conflicts(running: Running): boolean {
    if (!this.#level.endsWith('snapshot-isolation')) return false;
    return running.operations.some(([f, key]) => {
      if (f === 'r') return false;
      const versions = this.#versions.get(key);
      if (versions === undefined) return false;
      const last = versions.commits.length - 1;
      for (let i = last; i >= 0 && versions.commits[i]! > running.snapshot; i--) {
        if (!this.#sees(running, versions, i)) return true;
      }
      return false;
    });
  }

  #sees(running: Running, { commits, clients }: Versions, i: number): boolean {
    const commit = commits[i]!;
    if (this.#level === 'read-committed' || this.#level === 'read-uncommitted') return true;
    if (commit <= running.snapshot) return true;
    if (this.#isReplicated()) return clients[i] === running.client;
    if (commit > running.snapshot + LAG_MAX) return false;
    return (
      this.#level === 'read-atomic' && (Math.imul(commit, 0x9e3779b1) ^ running.salt) % 3 === 0
    );
  }

  #read(running: Running, at: number): unknown {
    const { operations } = running;
    const key = operations[at]![1];
    const versions = this.#versions.get(key);
    const own: unknown[] = [];
    if (this.#level !== 'read-uncommitted') {
      for (let i = 0; i < at; i++) {
        if (operations[i]![0] !== 'r' && operations[i]![1] === key) own.push(operations[i]![2]);
      }
    }
    if (!this.#hasLists && own.length > 0) return own.at(-1);
    const seen: unknown[] = [];
    const last = (versions?.commits.length ?? 0) - 1;
    if (this.#hasLists) {
      for (let i = 0; i <= last; i++) {
        if (this.#sees(running, versions!, i)) seen.push(versions!.values[i]);
      }
      return [...seen, ...own];
    }
    for (let i = last; i >= 0; i--)
      if (this.#sees(running, versions!, i)) return versions!.values[i];
    return null;
  }

  #install({ client }: Running, key: number, value: unknown): void {
    let versions = this.#versions.get(key);
    if (versions === undefined) {
      versions = { commits: [], values: [], clients: [] };
      this.#versions.set(key, versions);
    }
    versions.commits.push(this.#commits);
    versions.values.push(value);
    versions.clients.push(client);
  }
}

function isLastWrite(operations: readonly Micro[], at: number): boolean {
  const key = operations[at]![1];
  return !operations.some(([f, other], i) => i > at && f !== 'r' && other === key);
}
