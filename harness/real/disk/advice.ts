/** What the figures of a disk mean for a store on it, in sentences. */
import type { DiskFigures } from './characterise.ts';

/** How well a file system is known here. docs/file-systems.md has what each sync of it promises. */
const TIERS: Readonly<Record<string, string>> = {
  ext4: 'tier 1, its model is compared with the real one',
  xfs: 'tier 1, its model is compared with the real one',
  btrfs: 'tier 1, its model is compared with the real one',
  tmpfs: 'for tests only; it is memory, and nothing of it survives a power cut or a restart',
  overlay:
    'tier 2, syncs go to the layer below; put data on a volume, not into a container’s layer',
  zfs: 'not tried, what its syncs promise is not modelled here',
  nfs4: 'not tried, a sync goes to a server, whose own disk decides',
  nfs: 'not tried, a sync goes to a server, whose own disk decides',
};

/** Below this no device has had the data, but one with a protected cache. Milliseconds. */
const TOO_QUICK_MS = 0.02;
const SLOW_MS = 20;

export function adviceOn(figures: DiskFigures): string[] {
  const { fileSystem, overwriteSync, directorySync, directBytes } = figures;
  const advice = [`${fileSystem}: ${TIERS[fileSystem] ?? 'not tried, no model of it is here'}.`];
  if (fileSystem !== 'tmpfs' && overwriteSync.p50 < TOO_QUICK_MS) {
    advice.push(
      'Syncs answer faster than a device can write: a protected cache, or one that loses data with the power. Only a power cut tells which.',
    );
  }
  if (overwriteSync.p99 > SLOW_MS) {
    advice.push(
      `One sync in a hundred takes more than ${overwriteSync.p99.toFixed(0)} ms: commits wait as long; group them, or sync at intervals.`,
    );
  }
  if (directorySync !== 'works') {
    advice.push(
      `Syncing a directory fails with ${directorySync}: new and renamed files may be gone after a power cut.`,
    );
  }
  if (directBytes === 0) {
    advice.push('Direct I/O is refused: the engine reads and writes through the page cache here.');
  } else if (directBytes > 512) {
    advice.push(`Direct I/O needs multiples of ${directBytes} bytes: choose blocks of that size.`);
  }
  return advice;
}
