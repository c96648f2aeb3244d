/**
 * Faults inside the file system that loses power. They apply to all files and to every way of writing
 * (system calls, mappings, io_uring, O_DSYNC).
 */
export type StepKind = 'write' | 'sync' | 'entry';

export interface DiskFault {
  readonly doc: string;
  readonly calls: 'syncs' | 'writes';
  /** Which calls: the Nth, it and all after it, or every one. */
  readonly when: 'once' | 'for-good' | 'always';
  readonly effect:
    | { readonly kind: 'error'; readonly code: 'EIO' | 'ENOSPC' }
    /** Succeeds without effect. */
    | { readonly kind: 'lie' }
    /** Short write: only part of the bytes is written. */
    | { readonly kind: 'short' }
    | { readonly kind: 'slow'; readonly ms: number };
}

const SLOW_MS = 100;
const EIO = { kind: 'error', code: 'EIO' } as const;
const ENOSPC = { kind: 'error', code: 'ENOSPC' } as const;

export const DISK_FAULTS: Readonly<Record<string, DiskFault>> = {
  'sync-lies': {
    doc: 'every sync is called done and is not',
    calls: 'syncs',
    when: 'always',
    effect: { kind: 'lie' },
  },
  'sync-eio': { doc: 'one sync fails', calls: 'syncs', when: 'once', effect: EIO },
  'sync-eio-for-good': {
    doc: 'syncs fail from one on',
    calls: 'syncs',
    when: 'for-good',
    effect: EIO,
  },
  'sync-enospc': {
    doc: 'one sync finds the disk full',
    calls: 'syncs',
    when: 'once',
    effect: ENOSPC,
  },
  'sync-slow': {
    doc: `every sync takes ${SLOW_MS} ms longer`,
    calls: 'syncs',
    when: 'for-good',
    effect: { kind: 'slow', ms: SLOW_MS },
  },
  'write-eio': { doc: 'one write fails', calls: 'writes', when: 'once', effect: EIO },
  'write-short': {
    doc: 'one write takes a part of its bytes',
    calls: 'writes',
    when: 'once',
    effect: { kind: 'short' },
  },
  'write-enospc': {
    doc: 'one write finds the disk full',
    calls: 'writes',
    when: 'once',
    effect: ENOSPC,
  },
  'write-enospc-for-good': {
    doc: 'the disk is full from one write on',
    calls: 'writes',
    when: 'for-good',
    effect: ENOSPC,
  },
};

/** A fault and the call, counted from when it was planted, that it strikes first. */
export class PlantedFault {
  readonly #fault: DiskFault;
  readonly #at: number;
  #calls = 0;
  struck = 0;

  constructor(fault: DiskFault, at: number) {
    this.#fault = fault;
    this.#at = at;
  }

  /** Counts a call; returns the fault that strikes it, if any. */
  strike(kind: StepKind): DiskFault['effect'] | undefined {
    const { calls, when, effect } = this.#fault;
    if (kind !== (calls === 'syncs' ? 'sync' : 'write')) return undefined;
    this.#calls++;
    const isStruck =
      when === 'always' || (when === 'once' ? this.#calls === this.#at : this.#calls >= this.#at);
    if (!isStruck) return undefined;
    this.struck++;
    return effect;
  }
}
