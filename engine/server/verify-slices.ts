/** Runs verification in slices of a few milliseconds, so that the event loop serves other requests between them. */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { Disk } from '../env/disk.ts';
import { type VerifyReport, verifySteps } from '../verify/verify.ts';

const SLICE_MS = 2;

/** Throws as `verifyStore`. */
export async function verifyInSlices(disk: Disk, directory: string): Promise<VerifyReport> {
  const steps = verifySteps(disk, directory);
  for (;;) {
    for (const until = performance.now() + SLICE_MS; performance.now() < until; ) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
    await turn();
  }
}
