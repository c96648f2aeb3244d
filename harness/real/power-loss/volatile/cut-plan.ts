/** CutPlan: which pending changes one power cut keeps. Drawn from a seed, or given change by change. */
import { Prng } from '../../../random/prng.ts';
import { PAGE_BYTES, SECTOR_BYTES } from './content.ts';
import type { Inode } from './inode.ts';
import { type DataChange, type Pending, pagesOf } from './pending-log.ts';
import type { VolatileFs } from './volatile-fs.ts';

export const GRANULARITIES = ['file', 'write', 'page', 'sector'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export interface CutRequest {
  /** Of the pending changes: nothing, a drawn part, everything, or those in `keep`. */
  readonly mode: 'none' | 'some' | 'all' | 'keep';
  readonly seed: number;
  /** Unit in which data is kept or lost; default: drawn. */
  readonly granularity?: Granularity;
  /** Numbers of pending changes, from 1, oldest first. */
  readonly keep?: readonly number[];
  /** The newest kept write is torn: its leading sectors are kept, the others are lost. */
  readonly torn?: boolean;
}

/** The part of one write that lies in one page. */
export interface DataPiece {
  readonly inode: Inode;
  readonly sequence: number;
  /** Index of the write among those of its file. */
  readonly index: number;
  readonly page: number;
  /** Index of the write among those of its page. */
  readonly order: number;
}

export interface CutPlan {
  keepsMetadata(change: Pending): boolean;
  /** For a page that is allocated on the medium. */
  keepsSector(piece: DataPiece & { readonly sector: number }): boolean;
  /** For data beyond the end of the file: page `number` of the write's `count` pages. */
  keepsAppended(piece: DataPiece & { readonly number: number; readonly count: number }): boolean;
  /** Whether the file grows to the end of the write. */
  keepsSize(piece: DataPiece): boolean;
}

const SECTORS_PER_PAGE = PAGE_BYTES / SECTOR_BYTES;
/** Probability of keeping a change. Drawn per cut, so that some cuts lose little and others keep little. */
const BIASES = [1 / 16, 1 / 4, 1 / 2, 3 / 4, 15 / 16];

export function planOf(image: VolatileFs, request: CutRequest): CutPlan {
  switch (request.mode) {
    case 'none':
      return uniformPlan(false);
    case 'all':
      return uniformPlan(true);
    case 'keep':
      return namedPlan(image, request);
    case 'some':
      return drawnPlan(image, request);
  }
}

function uniformPlan(keeps: boolean): CutPlan {
  const answer = () => keeps;
  return {
    keepsMetadata: answer,
    keepsSector: answer,
    keepsAppended: answer,
    keepsSize: answer,
  };
}

function namedPlan(image: VolatileFs, { keep = [], torn = false, seed }: CutRequest): CutPlan {
  const kept = new Set<number>();
  for (const number of keep) {
    const change = image.pending.changes[number - 1];
    if (change !== undefined) kept.add(change.sequence);
  }
  const last = image.pending.changes.findLast(
    ({ kind, sequence }) => kind === 'data' && kept.has(sequence),
  ) as DataChange | undefined;
  const isTorn = ({ sequence }: DataPiece) => torn && sequence === last?.sequence;
  const sectors = last === undefined ? 0 : Math.ceil(last.bytes.length / SECTOR_BYTES);
  const tornAt = new Prng(seed).derive('torn').below(Math.max(1, sectors));
  const first = last === undefined ? 0 : Math.floor(last.offset / SECTOR_BYTES);
  const has = ({ sequence }: DataPiece) => kept.has(sequence);
  return {
    keepsMetadata: ({ sequence }) => kept.has(sequence),
    keepsSector: (piece) =>
      has(piece) &&
      (!isTorn(piece) || piece.page * SECTORS_PER_PAGE + piece.sector - first < tornAt),
    keepsAppended: (piece) =>
      has(piece) && (!isTorn(piece) || piece.number < Math.floor(tornAt / SECTORS_PER_PAGE)),
    keepsSize: (piece) => has(piece) && !isTorn(piece),
  };
}

function drawnPlan(image: VolatileFs, request: CutRequest): CutPlan {
  const random = new Prng(request.seed).derive('cut');
  const { model, pending } = image;
  const data = pending.changes.filter((change): change is DataChange => change.kind === 'data');
  const metadata = pending.changes.filter(({ kind }) => kind !== 'data');
  const drawn = request.granularity ?? random.pick(GRANULARITIES);
  const granularity = drawn === 'sector' && !model.tearsPages ? 'page' : drawn;
  const bias = random.pick(BIASES);
  const prefix = random.below(metadata.length + 1);
  const kept = new Set(
    model.metadata === 'prefix'
      ? metadata.slice(0, prefix)
      : metadata.filter(() => random.chance(bias)),
  );
  const forced = forcedBy(kept);
  const isForced = ({ inode, sequence }: DataPiece) => sequence < (forced.get(inode) ?? 0);
  const moment = data[random.below(data.length + 1)]?.sequence ?? Number.POSITIVE_INFINITY;
  const counts = countsOf(data);
  const draws = new Map<string, number>();
  /** Which of `count` versions an item has; repeated calls return the same. */
  const versionOf = (label: string, count: number) => {
    let version = draws.get(label);
    if (version === undefined) {
      const stream = random.derive(label);
      const isKept = stream.chance(bias);
      version = !isKept ? 0 : granularity === 'file' ? count : stream.between(1, count);
      draws.set(label, version);
    }
    return version;
  };
  const fileVersion = ({ inode }: DataPiece) =>
    versionOf(`file ${inode.number}`, counts.files.get(inode) ?? 1);
  const isBefore = (piece: DataPiece) =>
    granularity === 'write' ? piece.sequence < moment : piece.index < fileVersion(piece);
  return {
    keepsMetadata: (change) => kept.has(change),
    keepsSector(piece) {
      if (isForced(piece)) return true;
      if (granularity === 'file' || granularity === 'write') return isBefore(piece);
      const page = `page ${piece.inode.number} ${piece.page}`;
      const label = granularity === 'page' ? page : `${page} ${piece.sector}`;
      const count = counts.pages.get(piece.inode)?.get(piece.page) ?? 1;
      return piece.order < versionOf(label, count);
    },
    keepsAppended(piece) {
      if (isForced(piece) || isBefore(piece)) return true;
      if (granularity === 'file' || granularity === 'write') return false;
      const isNext = piece.index === fileVersion(piece);
      const pages = versionOf(`appended ${piece.inode.number}`, piece.count);
      return isNext && piece.number < pages;
    },
    keepsSize: (piece) => isForced(piece) || isBefore(piece),
  };
}

/** By file: the change up to which its data is kept because a kept change depends on it. */
function forcedBy(kept: ReadonlySet<Pending>): ReadonlyMap<Inode, number> {
  const forced = new Map<Inode, number>();
  for (const change of kept) {
    if (change.kind === 'entries' && change.flushes !== undefined)
      forced.set(change.flushes, change.sequence);
  }
  return forced;
}

function countsOf(data: readonly DataChange[]) {
  const files = new Map<Inode, number>();
  const pages = new Map<Inode, Map<number, number>>();
  for (const change of data) {
    files.set(change.inode, (files.get(change.inode) ?? 0) + 1);
    const own = pages.get(change.inode) ?? new Map<number, number>();
    for (const page of pagesOf(change)) own.set(page, (own.get(page) ?? 0) + 1);
    pages.set(change.inode, own);
  }
  return { files, pages };
}
