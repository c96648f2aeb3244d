/**
 * Polygraph (Papadimitriou 1979): the known order of transactions and, for each two writers of a key, the choice of
 * their order. A level holds if some choice has no cycle.
 *
 * A transaction is one node, or two if it reads at one instant and commits at a later one:
 *
 *     level                    nodes  ww                 wr, session, real time  rw
 *     serializable             1      a → b              a → b                   r → w
 *     snapshot isolation       2      end a → begin b    end a → begin b         begin r → end w
 *     prefix                   2      end a → end b      end a → begin b         begin r → end w
 *     parallel snapshot        1      a → b              a → b                   w must not reach r
 *
 * Sources: Cerone and Gotsman (PODC 2016) for snapshot isolation and its parallel form, Biswas and
 * Enea (OOPSLA 2019) for prefix, Viper (EuroSys 2023) for two nodes a transaction.
 */
import { PROCESS, REALTIME, RW, WR, WW } from '../graph/dependency-graph.ts';
import { addSessionEdges } from '../graph/session-edges.ts';
import { Edges } from './closure.ts';
import { INITIAL, type View } from './view.ts';

export interface Semantics {
  readonly name: string;
  readonly stride: 1 | 2;
  /** Whether a later writer begins after the earlier one ended. */
  readonly writersApart: boolean;
  /** Whether an anti-dependency orders, or only must not be contradicted. */
  readonly rwOrders: boolean;
  readonly sessions: boolean;
  readonly realTime: boolean;
}

/** Begin before end of the same transaction; no reason to tell. */
const WITHIN = 64;

export class Polygraph {
  readonly view: View;
  readonly semantics: Semantics;
  readonly edges: Edges;
  /** Committed transactions, likely first ones first; node numbers come from positions in it. */
  readonly transactions: Int32Array;
  readonly #number: Int32Array;
  /** Per key its writers, and per writer the readers of its version, all as numbers. */
  readonly writersOf: readonly (readonly number[])[];
  readonly #readersOf = new Map<number, number[]>();

  constructor(view: View, semantics: Semantics) {
    this.view = view;
    this.semantics = semantics;
    this.transactions = likelyOrder(view);
    this.#number = new Int32Array(view.transactions).fill(-1);
    for (const [i, t] of this.transactions.entries()) this.#number[t] = i;
    this.edges = new Edges(this.transactions.length * semantics.stride);
    this.writersOf = this.#indexVersions();
    this.#addKnown();
  }

  begin(i: number): number {
    return i * this.semantics.stride;
  }

  end(i: number): number {
    return i * this.semantics.stride + this.semantics.stride - 1;
  }

  /** Where an edge from an earlier writer to a later one arrives. */
  successor(i: number): number {
    return this.semantics.writersApart ? this.begin(i) : this.end(i);
  }

  /** The readers of the version of `key` by transaction number `i`, or of its initial version. */
  readersOf(key: number, i: number): readonly number[] {
    return this.#readersOf.get((i + 1) * this.view.keys + key) ?? [];
  }

  /** The transaction a node belongs to, or -1 for a helper. */
  transactionOf(node: number): number {
    const i = Math.floor(node / this.semantics.stride);
    return i < this.transactions.length ? this.transactions[i]! : -1;
  }

  #indexVersions(): number[][] {
    const { view } = this;
    const writersOf: number[][] = Array.from({ length: view.keys }, () => []);
    for (const [i, t] of this.transactions.entries()) {
      for (let at = view.writeStart[t]!; at < view.writeStart[t + 1]!; at++) {
        writersOf[view.writeKey[at]!]!.push(i);
      }
      for (let at = view.readStart[t]!; at < view.readStart[t + 1]!; at++) {
        const from = view.readFrom[at]!;
        const writer = from === INITIAL ? -1 : this.#number[from]!;
        const name = (writer + 1) * view.keys + view.readKey[at]!;
        const readers = this.#readersOf.get(name);
        if (readers === undefined) this.#readersOf.set(name, [i]);
        else if (readers.at(-1) !== i) readers.push(i);
      }
    }
    return writersOf;
  }

  #addKnown(): void {
    const { view, edges, semantics } = this;
    if (semantics.stride === 2) {
      for (let i = 0; i < this.transactions.length; i++) {
        edges.add(this.begin(i), this.end(i), WITHIN);
      }
    }
    for (const [i, t] of this.transactions.entries()) {
      for (let at = view.readStart[t]!; at < view.readStart[t + 1]!; at++) {
        const from = view.readFrom[at]!;
        if (from !== INITIAL) edges.add(this.end(this.#number[from]!), this.begin(i), WR);
      }
    }
    if (semantics.rwOrders) this.#addInitialReads();
    for (const [key, order] of view.order) {
      const writers = order.map((t) => this.#number[t]!);
      for (let at = 1; at < writers.length; at++) {
        edges.add(this.end(writers[at - 1]!), this.successor(writers[at]!), WW);
        this.#addOverwrite(key, writers[at - 1]!, writers[at]!);
      }
      this.#addTail(key, writers);
    }
    if (semantics.sessions) this.#addSessions();
  }

  /** Writers that are not in the known order come after it. */
  #addTail(key: number, known: readonly number[]): void {
    const last = known.at(-1);
    if (last === undefined) return;
    const isKnown = new Set(known);
    for (const late of this.writersOf[key]!) {
      if (isKnown.has(late)) continue;
      this.edges.add(this.end(last), this.successor(late), WW);
      this.#addOverwrite(key, last, late);
    }
  }

  #addOverwrite(key: number, earlier: number, later: number): void {
    if (!this.semantics.rwOrders) return;
    for (const reader of this.readersOf(key, earlier)) {
      if (reader !== later) this.edges.add(this.begin(reader), this.end(later), RW);
    }
  }

  /** Through an auxiliary node: readers of the initial version come before every writer. */
  #addInitialReads(): void {
    const { edges } = this;
    for (const [key, writers] of this.writersOf.entries()) {
      const readers = this.readersOf(key, INITIAL);
      if (readers.length === 0 || writers.length === 0) continue;
      const isWriter = new Set(writers);
      const helper = edges.nodes++;
      for (const writer of writers) edges.add(helper, this.end(writer), RW);
      for (const reader of readers) {
        if (!isWriter.has(reader)) edges.add(this.begin(reader), helper, RW);
        else {
          for (const writer of writers) {
            if (writer !== reader) edges.add(this.begin(reader), this.end(writer), RW);
          }
        }
      }
    }
  }

  #addSessions(): void {
    const { view, edges, semantics } = this;
    const { session: process, committed, invoked, completed, transactions } = view;
    const hasRealTime = semantics.realTime && view.hasRealTime;
    const source = { transactions, committed, process, invoked, completed, hasRealTime };
    const isTransaction = (id: number) => id < view.transactions;
    const out = (id: number) => (isTransaction(id) ? this.end(this.#number[id]!) : id - offset);
    const into = (id: number) => (isTransaction(id) ? this.begin(this.#number[id]!) : id - offset);
    const offset = view.transactions - edges.nodes; // instants are named after the transactions
    addSessionEdges(source, {
      add: (from, to, kind) => edges.add(out(from), into(to), kind & (PROCESS | REALTIME)),
      addInstant: () => edges.nodes++ + offset,
    });
  }
}

/** The order of completion; without real time, every session's first, then the second ones, … */
function likelyOrder({ transactions, committed, hasRealTime, position }: View): Int32Array {
  const all = Int32Array.from({ length: transactions }, (_, t) => t).filter(
    (t) => committed[t] === 1,
  );
  return hasRealTime ? all : all.sort((a, b) => position[a]! - position[b]! || a - b);
}
