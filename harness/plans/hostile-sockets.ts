/** Hostile sockets: runs a server under hostile connections, and turns the result into an outcome. */

import type { Outcome } from '../cells/outcome.ts';
import {
  newFigures,
  Problem,
  SocketsRun,
  type SocketsRunParts,
} from '../real/hostile/sockets-run.ts';
import { Watchdog } from '../real/watchdog.ts';

export async function runHostileSockets(parts: Omit<SocketsRunParts, 'figures'>): Promise<Outcome> {
  const figures = newFigures();
  const watchdog = new Watchdog();
  let bad: string | undefined;
  try {
    const run = await SocketsRun.start({ ...parts, figures }, watchdog);
    try {
      await run.run();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      bad = error.message;
    } finally {
      await run.end();
    }
  } finally {
    await watchdog.end();
  }
  return {
    verdict: {
      validity: bad === undefined ? 'valid' : 'invalid',
      reasons: bad === undefined ? [] : [bad],
      counts: { answers: figures.answers },
    },
    figures,
    notVerified: [],
  };
}
