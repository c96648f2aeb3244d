import { describe, expect, it } from 'vitest';
import { engineWorld, engineWorldAfter } from '../../harness/targets/reference-engine-world.ts';
import { isStoreError } from '../errors.ts';
import { Manifest, readManifest, writeManifest } from './manifest.ts';
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_FORMAT,
  type ManifestState,
} from './manifest-format.ts';

const STATE: ManifestState = {
  storeId: '00112233445566778899aabbccddeeff',
  hashSeed: 1,
  hashSecret: [2, 3],
  lsnGaps: [],
  appVersion: '0.0.0',
  generation: 1,
  nextNumber: 4,
  flushedLsn: 10,
  durableLsn: 12,
  lastLsn: 12,
  safePoint: 9,
  segments: [{ number: 3, generation: 1 }],
  spares: [],
  runs: [{ number: 2, tier: 0, bytes: 1024, records: 3, minLsn: 1, maxLsn: 10 }],
  cleanShutdown: false,
  clockSamples: [[1000, 5]],
};

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isStoreError(error) ? error.code : String(error);
  }
  return 'none';
}

describe('the manifest', () => {
  it('reads back what was written', () => {
    expect(decodeManifest(encodeManifest(STATE), 'm')).toEqual(STATE);
  });

  it('notices every flipped bit', () => {
    const clean = encodeManifest(STATE);
    for (let bit = 0; bit < 8 * clean.length; bit++) {
      const bytes = Uint8Array.from(clean);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(() => decodeManifest(bytes, 'm'))).toBe('corruption');
    }
  });

  it.each<[string, object]>([
    ['a list where a number belongs', { nextNumber: [] }],
    ['half a file number', { nextNumber: 1.5 }],
    ['a store id that names a file', { storeId: '../../../../etc/passwd0000000000' }],
    ['a segment without a generation', { segments: [{ number: 3 }] }],
    ['a run of minus one byte', { runs: [{ ...STATE.runs[0], bytes: -1 }] }],
    ['a time that is none', { clockSamples: [[null, 1]] }],
    ['no flag', { cleanShutdown: undefined }],
  ])('refuses %s under a checksum that is right', (_, wrong) => {
    const bytes = encodeManifest({ ...STATE, ...wrong } as ManifestState);
    expect(codeOf(() => decodeManifest(bytes, 'm'))).toBe('corruption');
  });

  it('notices every truncation', () => {
    const clean = encodeManifest(STATE);
    for (let length = 0; length < clean.length; length++) {
      const code = codeOf(() => decodeManifest(clean.subarray(0, length), 'm'));
      expect(code).toBe('corruption');
    }
  });

  it('refuses a newer format and a foreign file', () => {
    expect(codeOf(() => decodeManifest(encodeManifest(STATE, MANIFEST_FORMAT + 1), 'm'))).toBe(
      'format-newer',
    );
    const foreign = new Uint8Array(100).fill(65);
    expect(codeOf(() => decodeManifest(foreign, 'm'))).toBe('format-foreign');
  });

  it('is the old state or the new one after a crash at any step', async () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const crashes: ReturnType<typeof engineWorld>[] = [];
      const world = engineWorld(seed, {
        onStep: () => {
          for (const mode of ['none-kept', 'all-kept', 'torn'] as const) {
            crashes.push(engineWorldAfter(world, mode, seed));
          }
        },
      });
      await writeManifest(world.disk, 'store', STATE);
      crashes.length = 0;
      const manifest = new Manifest(world.disk, 'store', STATE);
      await manifest.apply(() => ({ flushedLsn: 99 }));
      for (const { disk } of crashes) {
        const found = readManifest(disk, 'store');
        expect([10, 99]).toContain(found?.flushedLsn);
        seen.add(found!.flushedLsn);
      }
    }
    expect([...seen].sort()).toEqual([10, 99]);
  });
});
