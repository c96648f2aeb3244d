/** The plan of a soak as one cell: begins anew in a directory of its own, and judges what it saw. */
import { join } from 'node:path';
import type { Outcome, Progress } from '../cells/outcome.ts';
import type { Soak } from '../contract/scenario.ts';
import { SOAK_FORMAT } from '../contract/soak-record.ts';
import type { EmbeddedTarget, Settings } from '../contract/target.ts';
import { judgeSoak } from '../soak/judge-soak.ts';
import { runSoak } from '../soak/run-soak.ts';
import { SoakFiles } from '../soak/soak-state.ts';

export interface SoakCellParts {
  readonly plan: Soak;
  readonly target: EmbeddedTarget;
  readonly targetUrl: string;
  readonly settings: Settings;
  readonly seed: number;
  readonly directory: string;
  readonly progress: Progress;
}

export async function runSoakCell(parts: SoakCellParts): Promise<Outcome> {
  const { plan, target, targetUrl, settings, seed, directory, progress } = parts;
  const files = new SoakFiles(join(directory, 'soak'));
  const { keys, clients, lifeSeconds, seconds } = plan;
  const own = { format: SOAK_FORMAT, target: target.name, settings, seed } as const;
  const state = await runSoak({
    config: { ...own, keys, clients, lifeSeconds, tree: '' },
    ...{ target, targetUrl, files, seconds },
    progress: (ms) => progress(Math.round(ms / 1000), seconds, 'seconds'),
  });
  return judgeSoak(state, files.samples(), seconds);
}
