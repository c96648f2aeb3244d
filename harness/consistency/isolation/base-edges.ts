/**
 * Base edges: the commit order constraints that every weak level shares. A writer precedes its readers; known
 * versions of a key are in their order, other writers of the key after them; with sessions, transactions of a
 * client are in session order. Built once for all levels.
 */
import { GraphBuilder, PROCESS, WR, WW } from '../graph/dependency-graph.ts';
import { previousInSession } from './happens-before.ts';
import type { KeyWriters } from './key-writers.ts';
import { INITIAL, type View } from './view.ts';

export class BaseEdges {
  readonly #view: View;
  readonly #writers: KeyWriters;
  #plain: GraphBuilder | undefined;
  #withSessions: GraphBuilder | undefined;

  constructor(view: View, writers: KeyWriters) {
    this.#view = view;
    this.#writers = writers;
  }

  edges(sessions: boolean): GraphBuilder {
    this.#plain ??= this.#build();
    if (!sessions) return this.#plain;
    this.#withSessions ??= this.#addSessions(this.#plain);
    return this.#withSessions;
  }

  #build(): GraphBuilder {
    const { transactions, readStart, readFrom, order } = this.#view;
    const builder = new GraphBuilder(transactions);
    for (let t = 0; t < transactions; t++) {
      for (let at = readStart[t]!; at < readStart[t + 1]!; at++) {
        if (readFrom[at] !== INITIAL) builder.add(readFrom[at]!, t, WR);
      }
    }
    const isKnown = new Uint8Array(transactions);
    for (const [key, versions] of order) {
      for (let i = 1; i < versions.length; i++) builder.add(versions[i - 1]!, versions[i]!, WW);
      const last = versions.at(-1);
      if (last === undefined) continue;
      const all = this.#writers.of(key);
      if (all.length === versions.length) continue;
      for (const writer of versions) isKnown[writer] = 1;
      for (const writer of all) if (isKnown[writer] === 0) builder.add(last, writer, WW);
      for (const writer of versions) isKnown[writer] = 0;
    }
    return builder;
  }

  #addSessions(plain: GraphBuilder): GraphBuilder {
    const builder = new GraphBuilder(this.#view.transactions);
    builder.addAll(plain);
    for (const [t, before] of previousInSession(this.#view).entries()) {
      if (before >= 0) builder.add(before, t, PROCESS);
    }
    return builder;
  }
}
