/**
 * PendingLog: the changes of a file system since its last sync, in order. A power cut may keep any part
 * of them that the file-system model allows.
 *
 * Invariant: the durable version of every inode with all pending changes applied in order is its
 * current version, except for pages whose sync failed.
 */
import { PAGE_BYTES, piecesOf } from './content.ts';
import type { Attributes, Inode, Version } from './inode.ts';

export interface EntryChange {
  readonly directory: Inode;
  readonly name: string;
  /** `undefined`: the entry is removed. */
  readonly inode: Inode | undefined;
  /** The previous inode of the name. */
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
  /** Entries changed by one call, atomically. */
  | {
      readonly kind: 'entries';
      readonly entries: readonly EntryChange[];
      /** Its data becomes durable before these entries. */
      readonly flushes?: Inode;
      /** Creation of the inode. */
      readonly creates?: Inode;
    };

export type Pending = Change & { readonly sequence: number };
export type DataChange = Extract<Pending, { kind: 'data' }>;

export class PendingLog {
  #changes: Pending[] = [];
  #sequence = 0;
  /** Bytes of all pending data, older versions included. */
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
   * Makes the chosen changes durable, oldest first, and also older changes of the names that they
   * determine. Returns the entries that are now durable.
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
      // Older data of the removed bytes must not reappear.
      if (change.kind !== 'size' && change.kind !== 'hole') continue;
      for (const [i, older] of rest.entries()) rest[i] = withoutRemoved(older, change);
    }
    this.replace(rest.filter((change) => change.kind !== 'data' || change.bytes.length > 0));
    return settled;
  }

  /** The chosen entry changes, and older ones of the same names. */
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

  /** Drops changes as if they had never been made. */
  forget(isChosen: (change: Pending) => boolean): void {
    this.replace(this.#changes.filter((change) => !isChosen(change)));
  }

  replace(changes: Pending[]): void {
    this.#changes = changes;
    this.#bytes = 0;
    for (const change of changes) if (change.kind === 'data') this.#bytes += change.bytes.length;
  }
}

/** Applies a change to the versions that `versionOf` returns. */
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

/** Whether a change affects the inode: its bytes, its attributes, or a name of it. */
export function concerns(change: Change, inode: Inode): boolean {
  if (change.kind !== 'entries') return change.inode === inode;
  return change.entries.some(
    (entry) => entry.inode === inode || entry.directory === inode || entry.before === inode,
  );
}

/** Whether data covers bytes without allocated space on the medium. */
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

/** The pages that a write covers. */
export function pagesOf({ offset, bytes }: DataChange): readonly number[] {
  const last = Math.floor((offset + bytes.length - 1) / PAGE_BYTES);
  const first = Math.floor(offset / PAGE_BYTES);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
