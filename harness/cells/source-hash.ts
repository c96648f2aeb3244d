/**
 * A hash of everything that decides a simulated result: the sources of engine, harness and
 * scenarios, the lock file and the version of Node. Two runs with the same hash ran the same code.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['engine', 'harness', 'scenarios'];

export function sourceHash(): string {
  const hash = createHash('sha256').update(process.version);
  const files = FOLDERS.flatMap((folder) =>
    filesBelow(join(ROOT, folder))
      .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
      .map((entry) => join(entry.parentPath, entry.name)),
  ).sort();
  const lock = join(ROOT, 'package-lock.json'); // the installed package has none
  for (const path of existsSync(lock) ? [...files, lock] : files) {
    hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string) {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
}
