/**
 * PendingLog: what a file system was told since it was last synced, in order. A power cut may leave
 * any part of it that the file system's model allows.
 *
 * Invariant: the medium's version of every inode, with all pending changes applied in order, is its
 * version of now; except for pages whose sync failed.
 */
import { PAGE_BYTES, piecesOf } from './content.ts';
import type { Attributes, Inode, Version } from './inode.ts';

export interface EntryChange {
  readonly directory: Inode;
  readonly name: string;
  /** `undefined`: the entry goes. */
  readonly inode: Inode | undefined;
  /** What had the name before. */
  readonly before: Inode | undefined;
}

export type Change =
  | {
      readonly kind: 'data';
      readonly inode: Inode;
      readonly offset: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'size'; readonly inode: Inode; readonly size: number }
  | {
      readonly kind: 'hole';
      readonly inode: Inode;
      readonly offset: number;
      readonly length: number;
    }
  | {
      readonly kind: 'allocate';
      readonly inode: Inode;
      readonly offset: number;
      readonly length: number;
      readonly size: number;
    }
  | { readonly kind: 'attributes'; readonly inode: Inode; readonly attributes: Attributes }
  /** Entries that one call changes: all or none of them. */
  | {
      readonly kind: 'entries';
      readonly entries: readonly EntryChange[];
      /** Its data is on its way to the medium before these entries are. */
      readonly flushes?: Inode;
      /** The inode is new. */
      readonly creates?: Inode;
    };

export type Pending = Change & { readonly sequence: number };
export type DataChange = Extract<Pending, { kind: 'data' }>;

export class PendingLog {
  #changes: Pending[] = [];
  #sequence = 0;
  /** Of all data that is pending, older versions included. */
  #bytes = 0;

  get changes(): readonly Pending[] {
    return this.#changes;
  }

  /** The number of the newest change. */
  get sequence(): number {
    return this.#sequence;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(change: Change): void {
    if (change.kind === 'data') this.#bytes += change.bytes.length;
    this.#changes.push({ ...change, sequence: ++this.#sequence });
  }

  /**
   * Makes the chosen changes durable, oldest first, and all older changes of the names that they settle.
   * Answers the entries that are durable now.
   */
  commit(isChosen: (change: Pending) => boolean): readonly EntryChange[] {
    const rest: Pending[] = [];
    const settled: EntryChange[] = [];
    const names = this.#changesOfNames(isChosen);
    for (const change of this.#changes) {
      if (!isChosen(change) && !names.has(change)) {
        rest.push(change);
        continue;
      }
      if (change.kind === 'entries') settled.push(...change.entries);
      apply(change, (inode) => inode.medium);
      // Older data of the bytes that this removes must not come back over it.
      if (change.kind !== 'size' && change.kind !== 'hole') continue;
      for (const [i, older] of rest.entries()) rest[i] = withoutRemoved(older, change);
    }
    this.replace(rest.filter((change) => change.kind !== 'data' || change.bytes.length > 0));
    return settled;
  }

  /** Of entries, the chosen changes, and older ones of the same names. */
  #changesOfNames(isChosen: (change: Pending) => boolean): ReadonlySet<Pending> {
    const found = new Set<Pending>();
    const settled = new Map<Inode, Set<string>>();
    for (const change of this.#changes.toReversed()) {
      if (change.kind !== 'entries') continue;
      const { entries } = change;
      const isSettled = entries.some(({ directory, name }) => settled.get(directory)?.has(name));
      if (!isSettled && !isChosen(change)) continue;
      found.add(change);
      for (const { directory, name } of entries)
        settled.set(directory, (settled.get(directory) ?? new Set()).add(name));
    }
    return found;
  }

  /** Forgets changes as if they had never been made. */
  forget(isChosen: (change: Pending) => boolean): void {
    this.replace(this.#changes.filter((change) => !isChosen(change)));
  }

  replace(changes: Pending[]): void {
    this.#changes = changes;
    this.#bytes = 0;
    for (const change of changes) if (change.kind === 'data') this.#bytes += change.bytes.length;
  }
}

/** Carries a change out on the versions that `versionOf` names. */
export function apply(change: Change, versionOf: (inode: Inode) => Version): void {
  switch (change.kind) {
    case 'data':
      versionOf(change.inode).content.write(change.bytes, change.offset);
      return;
    case 'size':
      versionOf(change.inode).content.truncate(change.size);
      return;
    case 'hole':
      versionOf(change.inode).content.punch(change.offset, change.length);
      return;
    case 'allocate':
      versionOf(change.inode).content.allocate(change.offset, change.length, change.size);
      return;
    case 'attributes':
      versionOf(change.inode).attributes = change.attributes;
      return;
    case 'entries':
      for (const { directory, name, inode } of change.entries) {
        if (inode === undefined) versionOf(directory).children.delete(name);
        else versionOf(directory).children.set(name, inode);
      }
  }
}

/** Whether a change concerns the inode: its bytes, its attributes, or a name that leads to it. */
export function concerns(change: Change, inode: Inode): boolean {
  if (change.kind !== 'entries') return change.inode === inode;
  return change.entries.some(
    (entry) => entry.inode === inode || entry.directory === inode || entry.before === inode,
  );
}

/** Whether data reaches bytes for which the medium has no place yet. */
export function allocates({ inode, offset, bytes }: DataChange): boolean {
  const { content } = inode.medium;
  if (offset + bytes.length > content.size) return true;
  for (const { page } of piecesOf(offset, bytes.length)) if (!content.hasWritten(page)) return true;
  return false;
}

function withoutRemoved(older: Pending, change: Change): Pending {
  if (older.kind !== 'data') return older;
  if (change.kind === 'size' && change.inode === older.inode) {
    const kept = Math.max(0, Math.min(older.bytes.length, change.size - older.offset));
    return kept === older.bytes.length ? older : { ...older, bytes: older.bytes.subarray(0, kept) };
  }
  if (change.kind !== 'hole' || change.inode !== older.inode) return older;
  const from = Math.max(older.offset, change.offset);
  const to = Math.min(older.offset + older.bytes.length, change.offset + change.length);
  if (from >= to) return older;
  const bytes = Buffer.from(older.bytes);
  bytes.fill(0, from - older.offset, to - older.offset);
  return { ...older, bytes };
}

/** The pages that data touches. */
export function pagesOf({ offset, bytes }: DataChange): readonly number[] {
  const last = Math.floor((offset + bytes.length - 1) / PAGE_BYTES);
  const first = Math.floor(offset / PAGE_BYTES);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
