/** Rebuilds a manifest from the run files of a directory, for repair. */
import type { Env } from '../env/env.ts';
import { StoreError } from '../errors.ts';
import type { ManifestState } from '../manifest/manifest-format.ts';
import {
  decodeFooter,
  FOOTER_BYTES,
  type RunFooter,
  type RunMeta,
  runFileNumber,
} from '../run/run-format.ts';
import { APP_VERSION } from '../version.ts';

/** Throws StoreError `store-missing` when no run is left. */
export function rebuildManifest(env: Env, directory: string): ManifestState {
  const found: (RunMeta & { readonly footer: RunFooter })[] = [];
  for (const name of env.disk.list(directory)) {
    if (runFileNumber(name) === undefined) continue;
    const path = `${directory}/${name}`;
    const file = env.disk.open(path, 'read');
    const bytes = env.disk.size(file);
    const tail = new Uint8Array(FOOTER_BYTES);
    env.disk.readAt(file, tail, Math.max(0, bytes - FOOTER_BYTES));
    env.disk.close(file);
    const footer = decodeFooter(tail, path);
    if ('fault' in footer || footer.number !== runFileNumber(name)) continue;
    const { number, tier, records, minLsn, maxLsn } = footer;
    found.push({ number, tier, bytes, records, minLsn, maxLsn, footer });
  }
  if (found.length === 0) {
    const message = `nothing to repair from: no whole run is left in ${directory}`;
    throw new StoreError('store-missing', message, true);
  }
  found.sort((a, b) => a.minLsn - b.minLsn || b.maxLsn - a.maxLsn || b.tier - a.tier);
  const runs: RunMeta[] = [];
  for (const { footer: _, ...run } of found) {
    if (run.minLsn > (runs.at(-1)?.maxLsn ?? 0)) runs.push(run);
  }
  const flushedLsn = runs.at(-1)!.maxLsn;
  return {
    storeId: Array.from({ length: 4 }, () => hex(env.random.nextUint32())).join(''),
    hashSeed: found[0]!.footer.hashSeed,
    hashSecret: found.find(({ footer }) => footer.keyed)?.footer.hashSecret ?? [0, 0],
    appVersion: APP_VERSION,
    generation: 1,
    nextNumber: 1 + Math.max(...found.map((run) => run.number)),
    flushedLsn,
    durableLsn: flushedLsn,
    lastLsn: flushedLsn,
    safePoint: flushedLsn,
    lsnGaps: [],
    segments: [],
    spares: [],
    runs,
    cleanShutdown: false,
    clockSamples: [],
  };
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
