/** The plan `known-histories`: tests the checkers on histories with known faults. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nothingWrong, type Outcome, type Progress } from '../cells/outcome.ts';
import type { Checker } from '../contract/checker.ts';
import type { Verdict } from '../contract/verdict.ts';
import { judgeKnown } from '../known-histories/judge-known.ts';
import { type KnownHistory, parseKnownHistory } from '../known-histories/known-history.ts';
import { lookUp } from '../matrix/registry.ts';

/** In the repository, and as seen from a build of it. */
const PLACES = ['../../scenarios/histories/', '../../../scenarios/histories/'];

export function knownHistories(): KnownHistory[] {
  const folders = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const folder = folders.find((one) => existsSync(one));
  if (folder === undefined) throw new Error(`there is no ${folders.join(', nor ')}`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.jsonl?$/.test(name))
    .sort()
    .map((name) => parseKnownHistory(name, readFileSync(`${folder}${name}`, 'utf8')));
}

export async function runKnownHistories(
  checkers: ReadonlyMap<string, Checker>,
  progress: Progress,
): Promise<Outcome> {
  const all = knownHistories();
  const reasons: string[] = [];
  let done = 0;
  let goOn = true;
  while (done < all.length && goOn) {
    const known = all[done++]!;
    const problem = judgeKnown(known, (name) => lookUp(checkers, 'checker', name));
    if (problem !== undefined) reasons.push(`${known.name}: ${problem}`);
    goOn = progress(done, all.length, 'known histories');
  }
  const counts = { knownHistories: done };
  const verdict: Verdict =
    reasons.length > 0
      ? { validity: 'invalid', reasons, counts }
      : nothingWrong(done, Math.max(all.length, 1), 'known histories', counts);
  return { verdict, figures: { knownHistories: done, nearMisses: done }, notVerified: [] };
}
