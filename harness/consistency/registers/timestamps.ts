/**
 * Snapshot isolation by the database's own timestamps (Chronos, "TimeKiller"): a claim that is
 * judged apart from what reads alone tell.
 *
 * - snapshot-timestamp: a read does not show the newest version whose commit is ≤ its start. A
 *   commit at exactly the start is seen.
 * - write-overlap: two writers of a key of which one starts before the other commits, at the end of
 *   which both are committed. Touching ends do not overlap.
 * - session-timestamp: a client's transaction starts before its last one committed.
 *
 * Transactions without stamps are left out and counted. Who only reads may commit when it starts.
 */
import { textOf } from '../../contract/value.ts';
import { AnomalyLog, type AnomalyReport } from '../graph/anomaly.ts';
import { NIL, READ, type RegisterHistory, UNKNOWN } from './register-history.ts';
import type { VersionIndex } from './version-index.ts';

export interface TimestampReport {
  readonly status: 'holds' | 'violated' | 'unknown';
  readonly anomalies: ReadonlyMap<string, AnomalyReport>;
  readonly withoutStamps: number;
}

export function checkTimestamps(index: VersionIndex): TimestampReport {
  const log = new AnomalyLog();
  const { history } = index;
  const stamped = stampedTransactions(index);
  const versions = new StampedVersions(index, stamped);
  for (const t of stamped) checkReads(index, versions, log, t);
  versions.eachOverlap((key, a, b) => {
    log.add('write-overlap', () => {
      const name = textOf(history.keys.original(key));
      return `${history.nameOf(a)} and ${history.nameOf(b)} both wrote key ${name} at the same time`;
    });
  });
  checkSessions(history, stamped, log);
  const withoutStamps = index.committed.reduce((sum, one) => sum + one, 0) - stamped.length;
  const clean = withoutStamps === 0 && stamped.length > 0 ? 'holds' : 'unknown';
  return { status: log.names.size > 0 ? 'violated' : clean, anomalies: log.reports, withoutStamps };
}

function stampedTransactions({ history, committed }: VersionIndex): Int32Array {
  const all = Int32Array.from({ length: history.size }, (_, t) => t);
  const [start, commit] = [history.startedAt.view(), history.committedAt.view()];
  return all.filter((t) => committed[t] === 1 && !Number.isNaN(start[t]! + commit[t]!));
}

/** Per key its final writes in the order of their commits. */
class StampedVersions {
  readonly #history: RegisterHistory;
  readonly #start: Int32Array;
  readonly #writes: Int32Array;
  readonly #commits: Float64Array;
  readonly #ownerOf: Int32Array;

  constructor({ history, isFinal, ownerOf }: VersionIndex, stamped: Int32Array) {
    this.#history = history;
    this.#ownerOf = ownerOf;
    const [keys, first] = [history.key.view(), history.firstOperation.view()];
    const commit = history.committedAt.view();
    const byCommit = stamped.slice().sort((a, b) => commit[a]! - commit[b]!);
    this.#start = new Int32Array(history.keys.size + 1);
    const eachWrite = (visit: (at: number) => void) => {
      for (const t of byCommit) {
        for (let at = first[t]!; at < first[t + 1]!; at++) if (isFinal[at] === 1) visit(at);
      }
    };
    eachWrite((at) => {
      this.#start[keys[at]! + 1]! += 1;
    });
    for (let key = 0; key < history.keys.size; key++) this.#start[key + 1]! += this.#start[key]!;
    const next = this.#start.slice();
    this.#writes = new Int32Array(this.#start[history.keys.size]!);
    this.#commits = new Float64Array(this.#writes.length);
    eachWrite((at) => {
      const place = next[keys[at]!]!++;
      this.#writes[place] = at;
      this.#commits[place] = commit[ownerOf[at]!]!;
    });
  }

  /** The newest write of `key` that committed at `stamp` or before, by another than `reader`. */
  newest(key: number, stamp: number, reader: number): number {
    let low = this.#start[key]!;
    let high = this.#start[key + 1]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#commits[middle]! <= stamp) low = middle + 1;
      else high = middle;
    }
    let place = low - 1;
    while (place >= this.#start[key]! && this.#ownerOf[this.#writes[place]!] === reader) place--;
    return place < this.#start[key]! ? -1 : this.#writes[place]!;
  }

  eachOverlap(visit: (key: number, a: number, b: number) => void): void {
    const started = this.#history.startedAt.view();
    for (let key = 0; key + 1 < this.#start.length; key++) {
      for (let place = this.#start[key]! + 1; place < this.#start[key + 1]!; place++) {
        const [a, b] = [
          this.#ownerOf[this.#writes[place - 1]!]!,
          this.#ownerOf[this.#writes[place]!]!,
        ];
        if (started[b]! < this.#commits[place - 1]!) visit(key, a, b);
      }
    }
  }
}

function checkReads(index: VersionIndex, versions: StampedVersions, log: AnomalyLog, t: number) {
  const { history } = index;
  const start = history.startedAt.at(t);
  const end = history.firstOperation.at(t + 1);
  for (let at = history.firstOperation.at(t); at < end; at++) {
    if (history.kind.at(at) !== READ || history.value.at(at) === UNKNOWN) continue;
    if (index.ownWriteBefore(at) >= 0) continue;
    const key = history.key.at(at);
    const newest = versions.newest(key, start, t);
    const value = history.value.at(at);
    const isInitial = value === NIL || value === history.initialValue;
    const right = newest < 0 ? isInitial : value === history.value.at(newest);
    if (right) continue;
    log.add('snapshot-timestamp', () => {
      const shown = textOf(history.values.original(value));
      const name = textOf(history.keys.original(key));
      const wanted =
        newest < 0
          ? 'it had never been written'
          : `${history.nameOf(index.ownerOf[newest]!)} had written ${index.named(newest)}`;
      return `${history.nameOf(t)} read key ${name} as ${shown}, and when it started ${wanted}`;
    });
  }
}

function checkSessions(history: RegisterHistory, stamped: Int32Array, log: AnomalyLog): void {
  const last = new Map<number, number>();
  for (const t of stamped) {
    const process = history.process.at(t);
    const before = last.get(process);
    last.set(process, t);
    if (before === undefined) continue;
    if (history.startedAt.at(t) >= history.committedAt.at(before)) continue;
    log.add(
      'session-timestamp',
      () => `${history.nameOf(t)} starts before its client's ${history.nameOf(before)} committed`,
    );
  }
}
