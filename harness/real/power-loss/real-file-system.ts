/**
 * RealFileSystem: ext4, xfs or btrfs on a loop device over a sparse image. Copies the image and mounts
 * the copy, to see what had reached the device at one moment: at least the durable data, and nothing
 * more unless there was memory pressure or a delay. Needs root, a loop device and mkfs.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../abilities.ts';

export const REAL_KINDS = ['ext4', 'xfs', 'btrfs'] as const;
export type RealKind = (typeof REAL_KINDS)[number];

/**
 * The periodic commit is disabled, so it can't interfere with a test. `nouuid`: the copy is mounted
 * beside the original.
 */
const KINDS: Readonly<
  Record<RealKind, { mkfs: readonly string[]; options: string; copy: string; mib: number }>
> = {
  ext4: { mkfs: ['-q', '-F'], options: 'commit=300', copy: '', mib: 64 },
  xfs: { mkfs: ['-q', '-f'], options: '', copy: ',nouuid', mib: 320 },
  btrfs: { mkfs: ['-q', '-f'], options: 'commit=300', copy: '', mib: 128 },
};

export function canMake(kind: RealKind): boolean {
  return (
    process.getuid?.() === 0 &&
    findProgram(`mkfs.${kind}`) !== undefined &&
    spawnSync('losetup', ['-f']).status === 0
  );
}

export class RealFileSystem {
  readonly #kind: RealKind;
  readonly #image: string;
  readonly #copy: string;
  readonly directory: string;
  readonly #beside: string;
  #isMounted = false;

  /** Mounts in an empty directory of the caller's. Throws an Error that says what is missing. */
  constructor(kind: RealKind, scratch: string) {
    this.#kind = kind;
    this.#image = join(scratch, 'image');
    this.#copy = join(scratch, 'copy');
    this.directory = join(scratch, 'real');
    this.#beside = join(scratch, 'beside');
    for (const directory of [this.directory, this.#beside]) mkdirSync(directory);
    const { mkfs, mib } = KINDS[kind];
    writeFileSync(this.#image, '');
    truncateSync(this.#image, mib * 1024 * 1024);
    run(findProgram(`mkfs.${kind}`)!, [...mkfs, this.#image]);
    this.#mount();
  }

  /** Runs `look` on a mount of the device's current state. */
  reached<T>(look: (directory: string) => T): T {
    run('cp', ['--sparse=always', this.#image, this.#copy]);
    if (this.#kind === 'btrfs') {
      // Btrfs can't mount two file systems with one UUID, so the original is unmounted first.
      this.unmount();
    }
    run('mount', ['-o', `loop${KINDS[this.#kind].copy}`, this.#copy, this.#beside]);
    try {
      return look(this.#beside);
    } finally {
      run('umount', [this.#beside]);
      if (!this.#isMounted) this.#mount();
    }
  }

  unmount(): void {
    if (this.#isMounted) run('umount', [this.directory]);
    this.#isMounted = false;
  }

  #mount(): void {
    const options = ['loop', KINDS[this.#kind].options].filter((option) => option !== '');
    run('mount', ['-o', options.join(','), this.#image, this.directory]);
    this.#isMounted = true;
  }
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args);
  if (status === 0) return;
  throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.toString().trim()}`);
}
