/** Shared by server victims: start, readiness, kill. */
import { join } from 'node:path';
import { freePort } from '../../ports.ts';
import { ServerProcess } from '../../server-process.ts';
import type { Place } from '../victim.ts';

export interface ServerSpec {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly user?: string;
}

export function serverAt({ scratch, watchdog }: Place, spec: ServerSpec): ServerProcess {
  return new ServerProcess(
    {
      ...spec,
      environment: {},
      directory: scratch,
      logFile: join(scratch, `${spec.name}.log`),
    },
    watchdog,
  );
}

/** Port range of this process; each start of a victim uses a fresh port. */
export { freePort };

export function numbersOf(texts: Iterable<string | number>): Set<number> {
  return new Set(Array.from(texts, Number));
}
