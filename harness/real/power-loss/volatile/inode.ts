/**
 * Inode: a file, directory or symbolic link, independent of its names. It has two versions: `now`,
 * which programs see, and `medium`, which is durable.
 */
import { Content } from './content.ts';

export class FsError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Seconds since 1970, and nanoseconds. */
export type Time = readonly [seconds: number, nanoseconds: number];

export interface Attributes {
  /** Permission bits, without the file type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly atime: Time;
  readonly mtime: Time;
  readonly ctime: Time;
  /** Extended attributes. */
  readonly extended: ReadonlyMap<string, Buffer>;
}

export type Owner = Pick<Attributes, 'uid' | 'gid'>;

/** One version of an inode. */
export interface Version {
  attributes: Attributes;
  readonly children: Map<string, Inode>;
  content: Content;
}

export type InodeKind = 'file' | 'directory' | 'symlink' | 'special';

export interface Inode {
  readonly number: number;
  readonly kind: InodeKind;
  /** Full mode and device number of special files. */
  readonly format: number;
  readonly device: number;
  /** Of symbolic links. */
  readonly target: string;
  readonly now: Version;
  readonly medium: Version;
  /** Current number of names (links). */
  links: number;
  /** For directories: the parent. */
  parent: Inode | undefined;
  /** Commit numbers of the whole tree at its creation and at its own last sync. */
  readonly madeAt: number;
  loggedAt: number | undefined;
  /** Number of its failed syncs: each open file reports each one once. */
  failedSyncs: number;
  /**
   * Pages whose sync failed: programs see them, the medium does not have them, and no later sync writes
   * them.
   */
  readonly stale: Set<number>;
}

export interface InodeParts {
  readonly number: number;
  readonly kind: InodeKind;
  readonly attributes: Attributes;
  readonly format?: number;
  readonly device?: number;
  readonly target?: string;
  readonly madeAt?: number;
}

export function makeInode({ number, kind, attributes, ...rest }: InodeParts): Inode {
  const version = (): Version => ({ attributes, children: new Map(), content: new Content() });
  return {
    number,
    kind,
    format: rest.format ?? 0,
    device: rest.device ?? 0,
    target: rest.target ?? '',
    now: version(),
    medium: version(),
    links: 0,
    parent: undefined,
    madeAt: rest.madeAt ?? -1,
    loggedAt: undefined,
    failedSyncs: 0,
    stale: new Set(),
  };
}
