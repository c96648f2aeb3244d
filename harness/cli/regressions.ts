/** The folder of kept regressions: one JSON file each. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Regression } from '../simulation/storm/regression.ts';
import { REGRESSIONS } from './places.ts';

/** Loads all, by file name. Throws an Error that names an invalid file. */
export function readRegressions(): readonly (readonly [name: string, regression: Regression])[] {
  if (!existsSync(REGRESSIONS)) return [];
  const names = readdirSync(REGRESSIONS).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => {
    try {
      return [name, JSON.parse(readFileSync(join(REGRESSIONS, name), 'utf8')) as Regression];
    } catch (error) {
      throw new Error(`${join(REGRESSIONS, name)} is no regression: ${(error as Error).message}`);
    }
  });
}

/** Answers the path of the file. */
export function keepRegression(regression: Regression): string {
  mkdirSync(REGRESSIONS, { recursive: true });
  const path = join(REGRESSIONS, `${regression.scenario}-${regression.seed}.json`);
  writeFileSync(path, `${JSON.stringify(regression, null, 2)}\n`);
  return path;
}
