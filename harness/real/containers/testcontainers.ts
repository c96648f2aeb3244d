/**
 * testcontainers, loaded when it is first needed: it is half of all dependencies. Its own reaper is
 * an image that may not be to be had, so it is off; what a dead harness leaves is removed by label,
 * by its watchdog at once and by the next run at the latest.
 */
import { spawnSync } from 'node:child_process';
import { isAlive } from '../alive.ts';

/** Of all our containers and networks; the value names the process that owns them. */
export const LABEL = 'assay.owner';

export const labelOf = (pid: number) => String(pid);

/** Throws an Error that says what to install. */
export async function importTestcontainers(): Promise<typeof import('testcontainers')> {
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'; // read while it loads
  try {
    return await import('testcontainers');
  } catch (error) {
    throw new Error(`needs the package testcontainers: ${(error as Error).message}`);
  }
}

/** Removes what processes that are gone have left; answers how many things. */
export function sweepContainers(): number {
  let swept = 0;
  const format = `{{.ID}} {{.Label "${LABEL}"}}`;
  const kinds = [
    { list: ['ps', '-a'], remove: ['rm', '-f', '-v'] },
    { list: ['network', 'ls'], remove: ['network', 'rm'] },
  ];
  for (const { list, remove } of kinds) {
    const args = [...list, '--filter', `label=${LABEL}`, '--format', format];
    const lines = spawnSync('docker', args, { encoding: 'utf8' }).stdout?.split('\n') ?? [];
    for (const line of lines) {
      const [id, owner] = line.split(' ');
      if (id === undefined || id === '' || isAlive(Number(owner))) continue;
      spawnSync('docker', [...remove, id]);
      swept++;
    }
  }
  return swept;
}
