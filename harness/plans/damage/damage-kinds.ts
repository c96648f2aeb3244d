/**
 * Damage kinds: the faults of a storage medium in one file. Each acts on a copy of a disk and says what it did, or
 * `undefined` if the file had nothing to damage.
 */
import type { Prng } from '../../random/prng.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';

export interface DamageKind {
  readonly name: string;
  /** Weight in the draw. */
  readonly weight: number;
  /** Whether it may take the end of a log with its mark, so that a shorter log is all that is left. */
  readonly takesMarks?: boolean;
  apply(disk: SimDisk, path: string, random: Prng, others: readonly string[]): string | undefined;
}

const SECTOR = 512;

export const DAMAGE_KINDS: readonly DamageKind[] = [
  {
    name: 'bit flipped',
    weight: 60,
    apply(disk, path, random) {
      const bit = random.below(8 * sizeOf(disk, path));
      disk.flipBit(path, bit);
      return `bit ${bit} of ${path} flipped`;
    },
  },
  {
    name: 'file cut',
    weight: 10,
    apply(disk, path, random) {
      const length = random.below(sizeOf(disk, path));
      const file = disk.open(path, 'write');
      disk.truncate(file, length);
      disk.close(file);
      return `${path} cut to ${length} bytes`;
    },
  },
  {
    name: 'file lost',
    weight: 6,
    apply(disk, path) {
      disk.remove(path);
      return `${path} lost`;
    },
  },
  {
    name: 'files swapped',
    weight: 8,
    apply(disk, path, random, others) {
      if (others.length === 0) return undefined;
      const other = random.pick(others);
      disk.rename(path, `${path}.swapped`);
      disk.rename(other, path);
      disk.rename(`${path}.swapped`, other);
      return `${path} and ${other} swapped`;
    },
  },
  {
    // A write that went to another sector of the same file, and is missing where it should be.
    name: 'write misdirected',
    weight: 8,
    takesMarks: true,
    apply(disk, path, random) {
      const sectors = Math.floor(sizeOf(disk, path) / SECTOR);
      if (sectors < 2) return undefined;
      const from = random.below(sectors);
      const to = (from + random.between(1, sectors - 1)) % sectors;
      if (!overwrite(disk, path, to, sectorAt(disk, path, from))) return undefined;
      return `sector ${to} of ${path} overwritten by sector ${from}`;
    },
  },
  {
    name: 'write lost',
    weight: 8,
    takesMarks: true,
    apply(disk, path, random) {
      const sector = random.below(Math.max(1, Math.floor(sizeOf(disk, path) / SECTOR)));
      const old = new Uint8Array(sectorAt(disk, path, sector).length);
      if (!overwrite(disk, path, sector, old)) return undefined;
      return `sector ${sector} of ${path} as if it had never been written`;
    },
  },
];

export function drawDamageKind(random: Prng): DamageKind {
  const all = DAMAGE_KINDS.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.below(all);
  for (const kind of DAMAGE_KINDS) {
    left -= kind.weight;
    if (left < 0) return kind;
  }
  return DAMAGE_KINDS[0]!;
}

function sizeOf(disk: SimDisk, path: string): number {
  return disk.files().find(([name]) => name === path)![1];
}

function sectorAt(disk: SimDisk, path: string, sector: number): Uint8Array {
  const file = disk.open(path, 'read');
  const bytes = new Uint8Array(SECTOR);
  const got = disk.readAt(file, bytes, sector * SECTOR);
  disk.close(file);
  return bytes.subarray(0, got);
}

/** Answers whether that changed anything. */
function overwrite(disk: SimDisk, path: string, sector: number, bytes: Uint8Array): boolean {
  const before = sectorAt(disk, path, sector);
  if (before.every((byte, i) => byte === bytes[i])) return false;
  const file = disk.open(path, 'write');
  disk.writeAt(file, bytes.subarray(0, before.length), sector * SECTOR);
  disk.close(file);
  return true;
}
