/** Trouble: the hook that a simulated disk calls before each access, and the errors that it throws. */
export type DiskErrorCode = 'io' | 'disk-full' | 'read-only' | 'store-locked';
/** Makes the error that the simulated program expects from its disk. */
export type DiskErrorFactory = (code: DiskErrorCode, message: string, path: string) => Error;

/** Calls that change names, sizes or what is open. */
export type EntryCall = 'create' | 'truncate' | 'rename' | 'remove' | 'close' | 'createDirectory';

/** Consulted before each access. Throws, or says how the access goes. */
export interface Trouble {
  read(path: string): void;
  /**
   * Answers how many of the bytes are written before the write fails; all of them when it does not.
   * `code`: why it fails, where it is not `io`.
   */
  write(
    path: string,
    bytes: number,
  ): number | { readonly taken: number; readonly code: DiskErrorCode };
  /** The call changes nothing when this throws; but a file is closed all the same. */
  change?(call: EntryCall, path: string): void;
  /**
   * Takes longer than usual, perhaps; says whether the sync, of a file or of a directory, is done,
   * fails, or is only said to be done.
   */
  sync(path: string): SyncOutcome | Promise<SyncOutcome>;
}

/** `unsupported`: the file system has no sync of directories, and writes their entries by itself. */
export type SyncOutcome = 'done' | 'fails' | 'finds-full' | 'lies' | 'unsupported';
