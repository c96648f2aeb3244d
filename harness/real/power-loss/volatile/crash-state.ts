/**
 * States after a power cut: what the medium may hold, given the pending changes and a choice of those
 * that are kept. The original file system is not modified, so one cut can yield many states.
 *
 * Invariants:
 * 1. a call's entries are kept whole or not at all, and so is a truncate;
 * 2. a page has one of the versions that it went through, or, where the model tears pages, each of
 *    its sectors has;
 * 3. where the model orders sizes behind data, a file that grew has the data up to its size.
 */
import {
  type Content,
  Content as FileContent,
  PAGE_BYTES,
  piecesOf,
  SECTOR_BYTES,
} from './content.ts';
import { type CutPlan, type CutRequest, planOf } from './cut-plan.ts';
import { type Inode, makeInode, type Version } from './inode.ts';
import { apply, type DataChange, type Pending } from './pending-log.ts';
import { VolatileFs } from './volatile-fs.ts';

export function stateAfterCut(image: VolatileFs, request: CutRequest): VolatileFs {
  const plan = planOf(image, request);
  const changes = image.pending.changes;
  const own = Map.groupBy(
    changes.filter((change) => change.kind !== 'entries'),
    ({ inode }) => inode,
  );
  const versions = new Map<Inode, Version>();
  const versionOf = (inode: Inode): Version => {
    let version = versions.get(inode);
    if (version === undefined) {
      const { attributes, children, content } = inode.medium;
      version = { attributes, children: new Map(children), content };
      versions.set(inode, version);
    }
    return version;
  };
  for (const change of changes) {
    const isOfTree = change.kind === 'entries' || change.kind === 'attributes';
    if (isOfTree && plan.keepsMetadata(change)) apply(change, versionOf);
  }
  const root = copyTree(image.root, versionOf, (inode) =>
    contentAfter(inode, own.get(inode) ?? [], plan, image.model.sizeWithoutData),
  );
  const { model, capacityPages, inodes } = image;
  return new VolatileFs({ root, model, capacityPages, inodes });
}

function copyTree(
  root: Inode,
  versionOf: (inode: Inode) => Version,
  contentOf: (inode: Inode) => Content,
): Inode {
  const copies = new Map<Inode, Inode>();
  const copy = (inode: Inode): Inode => {
    const { attributes, children } = versionOf(inode);
    const made = makeInode({ ...inode, attributes, madeAt: -1 });
    copies.set(inode, made);
    if (inode.kind === 'file') {
      made.now.content = contentOf(inode);
      made.medium.content = new FileContent(made.now.content);
    }
    for (const [name, child] of children) {
      const known = copies.get(child);
      // A directory has exactly one name, whichever of its renames a cut kept.
      if (known?.kind === 'directory') continue;
      const there = known ?? copy(child);
      there.links++;
      if (there.kind === 'directory') there.parent = made;
      for (const version of [made.now, made.medium]) version.children.set(name, there);
    }
    return made;
  };
  return copy(root);
}

/** The bytes of one file. */
function contentAfter(
  inode: Inode,
  changes: readonly Pending[],
  plan: CutPlan,
  sizeWithoutData: boolean,
): Content {
  const content = new FileContent(inode.medium.content);
  if (changes.length === 0) return content;
  const state: FileState = {
    content,
    plan,
    sizeWithoutData,
    baseBytes: content.size,
    fresh: new Set(),
    seen: new Map(),
    gone: [],
    index: 0,
  };
  let size = content.size;
  for (const change of changes) {
    if (change.kind === 'data') {
      addData(state, change);
      size = Math.max(size, change.offset + change.bytes.length);
      continue;
    }
    if (change.kind === 'entries' || change.kind === 'attributes') continue;
    if (plan.keepsMetadata(change)) {
      apply(change, () => ({ ...inode.now, content }));
      if (change.kind !== 'hole') state.baseBytes = content.size;
    } else if (change.kind === 'hole') {
      state.gone.push([change.offset, change.offset + change.length]);
    } else if (change.kind === 'size' && change.size < size) {
      const from = Math.ceil(change.size / PAGE_BYTES) * PAGE_BYTES;
      state.gone.push([from, Number.POSITIVE_INFINITY]);
    }
    if (change.kind === 'size') size = change.size;
    else if (change.kind === 'allocate') size = Math.max(size, change.size);
  }
  content.trim();
  return content;
}

interface FileState {
  readonly content: Content;
  readonly plan: CutPlan;
  readonly sizeWithoutData: boolean;
  /** The file's size without appended data. */
  baseBytes: number;
  /** Pages without allocated space on the medium. */
  readonly fresh: Set<number>;
  /** Number of changes by page. */
  readonly seen: Map<number, number>;
  /** Pages whose later data was written to newly allocated space, if that allocation is lost. */
  readonly gone: (readonly [from: number, to: number])[];
  /** Number of the next change of data. */
  index: number;
}

function addData(state: FileState, { inode, offset, bytes, sequence }: DataChange): void {
  const { content, plan, fresh, seen } = state;
  const index = state.index++;
  const pieces = [...piecesOf(offset, bytes.length)];
  for (const [number, piece] of pieces.entries()) {
    const { page, within, at } = piece;
    const order = seen.get(page) ?? 0;
    seen.set(page, order + 1);
    const position = offset + at;
    if (state.gone.some(([from, to]) => position >= from && position < to)) continue;
    const slice = bytes.subarray(at, at + piece.bytes);
    const isInPlace = content.hasWritten(page) && !fresh.has(page);
    const what = { inode, sequence, index, page, order };
    if (isInPlace || state.sizeWithoutData) {
      for (const sector of sectorsOf(within, piece.bytes)) {
        if (!plan.keepsSector({ ...what, sector: sector.number })) continue;
        const part = slice.subarray(sector.from - within, sector.to - within);
        content.patch(part, page * PAGE_BYTES + sector.from);
      }
      if (plan.keepsSize(what)) content.size = Math.max(content.size, position + slice.length);
    } else if (page * PAGE_BYTES < state.baseBytes && !fresh.has(page)) {
      // A hole or preallocated space: the page is either there as a whole or reads as zeros.
      if (!plan.keepsSector({ ...what, sector: 0 })) continue;
      content.patch(slice, position);
      if (plan.keepsSize(what)) content.size = Math.max(content.size, position + slice.length);
    } else if (plan.keepsAppended({ ...what, number, count: pieces.length })) {
      content.write(slice, position);
      fresh.add(page);
    }
  }
}

function* sectorsOf(within: number, bytes: number) {
  for (let from = within; from < within + bytes; ) {
    const number = Math.floor(from / SECTOR_BYTES);
    const to = Math.min((number + 1) * SECTOR_BYTES, within + bytes);
    yield { number, from, to };
    from = to;
  }
}
