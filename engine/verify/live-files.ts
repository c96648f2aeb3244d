/** The files that a store consists of, as its manifest names them. */
import type { Disk } from '../env/disk.ts';
import { readManifest } from '../manifest/manifest.ts';
import { MANIFEST_NAME } from '../manifest/manifest-format.ts';
import { runFileName } from '../run/run-format.ts';
import { logFileName } from '../wal/log-format.ts';

export interface LiveFile {
  readonly path: string;
  readonly kind: 'manifest' | 'run' | 'log';
}

/** Spares and leftovers are not among them: they promise nothing. Throws as `readManifest` does. */
export function liveFiles(disk: Disk, directory: string): readonly LiveFile[] {
  const state = readManifest(disk, directory);
  if (state === undefined) return [];
  const at = (name: string, kind: LiveFile['kind']) => ({ path: `${directory}/${name}`, kind });
  return [
    at(MANIFEST_NAME, 'manifest'),
    ...state.runs.map((run) => at(runFileName(run.number), 'run')),
    ...state.segments.map((segment) => at(logFileName(segment.number), 'log')),
  ];
}
