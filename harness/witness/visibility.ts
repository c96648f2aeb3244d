/**
 * Visibility axioms (Biswas and Enea, OOPSLA 2019; Terry et al. 1994; Cerone and Gotsman, PODC 2016).
 * All have the same form: the level defines which transactions are visible to a read; of the visible
 * writers of its key, none commits after the one it read from.
 */
import type { Read, Sources } from './sources.ts';
import { INITIAL, type Versions } from './versions.ts';

export interface Context {
  readonly versions: Versions;
  readonly sources: Sources;
  /** By transaction: the previous one of the same client, or INITIAL. */
  readonly previous: Int32Array;
}

/** The transactions that are visible to a read. */
export type Visible = (context: Context, read: Read) => Iterable<number>;

export const VISIBLE: Readonly<Record<string, Visible>> = {
  'read-committed': earlierSources,
  'read-atomic': allSources,
  'strong-session-read-atomic': (context, read) => [
    ...allSources(context, read),
    ...ownSession(context, read),
  ],
  'read-your-writes': ownSession,
  'monotonic-reads': readBefore,
  'monotonic-writes': writtenBefore,
  'writes-follow-reads': readBySources,
  pram: (context, read) => [
    ...ownSession(context, read),
    ...readBefore(context, read),
    ...writtenBefore(context, read),
  ],
};

function* earlierSources({ sources }: Context, { reader, operation }: Read) {
  for (const one of sources.of[reader]!) if (one.operation < operation) yield one.from;
}

function* allSources({ sources }: Context, { reader }: Read) {
  for (const { from } of sources.of[reader]!) yield from;
}

function ownSession({ previous }: Context, { reader }: Read) {
  return sessionBefore(previous, reader);
}

/** The same client's transactions before `t`, latest first. */
function* sessionBefore(previous: Int32Array, t: number) {
  for (let one = previous[t]!; one !== INITIAL; one = previous[one]!) yield one;
}

/** The writers from which the client read that key earlier. */
function* readBefore({ sources, previous }: Context, { reader, key, operation }: Read) {
  for (const earlier of sessionBefore(previous, reader)) {
    for (const one of sources.of[earlier]!) if (one.key === key) yield one.from;
  }
  for (const one of sources.of[reader]!) {
    if (one.key === key && one.operation < operation) yield one.from;
  }
}

/** The writers the reader read from, and their clients' earlier transactions. */
function* writtenBefore({ sources, previous }: Context, { reader }: Read) {
  for (const { from } of sources.of[reader]!) {
    if (from === INITIAL) continue;
    yield from;
    yield* sessionBefore(previous, from);
  }
}

/** The versions of the key that clients of the reader's writers had last read. */
function* readBySources({ sources, previous }: Context, { reader, key }: Read) {
  for (const { from } of sources.of[reader]!) {
    for (let t = from; t !== INITIAL; t = previous[t]!) {
      const reads = sources.of[t]!.filter((one) => one.key === key && one.from !== INITIAL);
      if (reads.length === 0) continue;
      yield reads.at(-1)!.from;
      break;
    }
  }
}

/** Describes the first read that misses a visible version. */
export function missedBy(context: Context, visible: Visible): string | undefined {
  const { position, recorded } = context.versions;
  for (const reads of context.sources.of) {
    for (const read of reads) {
      const writers = new Set(context.versions.writersOf(read.key));
      const seenUpTo = read.from === INITIAL ? -1 : position[read.from]!;
      for (const t of visible(context, read)) {
        if (t === INITIAL || t === read.from || !writers.has(t)) continue;
        if (position[t]! < seenUpTo) continue;
        const [reader, writer] = [recorded.transactions[read.reader]!, recorded.transactions[t]!];
        return `${reader.name} reads key ${read.key} without ${writer.name}, which is visible to it`;
      }
    }
  }
  return undefined;
}

/**
 * Transitive visibility through reads, sessions and, with `writes`, overwritten versions. Requires: the
 * commit order agrees with all of these.
 */
export function byChains(context: Context, sessions: boolean, writes: boolean): Visible {
  const { versions, sources, previous } = context;
  const before = versions.position.length;
  const words = Math.ceil(before / 32);
  const rows = new Uint32Array(before * words);
  const last = new Map<string, number>();
  for (const t of versions.order) {
    const include = (other: number) => {
      if (other === INITIAL) return;
      for (let w = 0; w < words; w++) rows[t * words + w]! |= rows[other * words + w]!;
      rows[t * words + (other >> 5)]! |= 1 << (other & 31);
    };
    for (const { from } of sources.of[t]!) include(from);
    if (sessions) include(previous[t]!);
    if (!writes) continue;
    for (const key of versions.keysOf(t)) {
      include(last.get(key) ?? INITIAL);
      last.set(key, t);
    }
  }
  return (_, { reader, key }) =>
    versions.writersOf(key).filter((t) => (rows[reader * words + (t >> 5)]! >>> (t & 31)) & 1);
}
