/** MissingPiece: a power cut that kept everything but one piece of the log. */
import type { SimDisk, SimDiskOptions } from '../../sim/sim-disk.ts';

export function missingPiece(isLog: (path: string) => boolean) {
  return (old: SimDisk, options: SimDiskOptions): SimDisk => {
    const pieces = old.crashPieces();
    const ofLog = pieces.filter(
      (piece) =>
        'file' in piece && isLog(old.pathOf(piece.file) ?? '') && piece.change.kind === 'write',
    );
    const missing = ofLog.length === 0 ? undefined : options.random.pick(ofLog);
    return old.cutKeeping(
      pieces.filter((piece) => piece !== missing),
      options,
    );
  };
}
