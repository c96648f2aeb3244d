/** The plan that characterises the disk of the place for temporary files. Figures, and what is wrong with them. */

import type { Outcome, Progress } from '../cells/outcome.ts';
import type { DiskCharacter } from '../contract/scenario.ts';
import { characterise } from '../real/disk/characterise.ts';

export interface DiskParts {
  readonly plan: DiskCharacter;
  readonly seed: number;
  readonly directory: string;
  readonly progress: Progress;
}

export async function runDisk({ plan, seed, directory, progress }: DiskParts): Promise<Outcome> {
  const { mebibytes, randomReads, syncs } = plan;
  const sizes = { bytes: mebibytes * 2 ** 20, randomReads, syncs };
  const { figures, problems } = await characterise(directory, sizes, seed, (done, total) =>
    progress(done, total, 'steps'),
  );
  const { overwriteSync, appendSync } = figures;
  return {
    verdict: {
      validity: problems.length === 0 ? 'valid' : 'invalid',
      reasons: problems,
      counts: { syncs: 2 * syncs },
    },
    figures: {
      'written MiB/s': figures.writeMiBPerSecond,
      'read MiB/s': figures.readMiBPerSecond,
      'random reads/s': figures.randomReadsPerSecond,
      'overwrite sync p50 ms': overwriteSync.p50,
      'overwrite sync p99 ms': overwriteSync.p99,
      'append sync p50 ms': appendSync.p50,
      'append sync p99 ms': appendSync.p99,
      directBytes: figures.directBytes,
    },
    notVerified: ['disk: whether it keeps what it says is synced takes a power cut'],
  };
}
