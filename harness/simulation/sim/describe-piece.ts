/** Words for what a power cut kept or lost: one change of a file or of a directory. */
import type { CrashPiece, SimDisk } from './sim-disk.ts';

export function describePiece(piece: CrashPiece, disk: SimDisk): string {
  if ('entry' in piece) {
    const { entry } = piece;
    return entry.kind === 'rename'
      ? `the renaming of ${entry.from} to ${entry.to}`
      : `the ${entry.kind === 'link' ? 'new' : 'removed'} entry ${entry.path}`;
  }
  const path = disk.pathOf(piece.file) ?? 'a file without a name';
  const { change } = piece;
  if (change.kind === 'truncate') return `the cut of ${path} to ${change.size} bytes`;
  return `the ${change.bytes.length} bytes of ${path} at ${change.offset}`;
}
