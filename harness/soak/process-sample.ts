/** Samples the resources of a process and a directory, where the system reports them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function processSample(pid: number): { rssBytes?: number; handles?: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rssBytes = 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
    return { rssBytes, handles: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return {}; // another system than Linux, or the process has ended
  }
}

/** Bytes on disk of all files, and of files with log or journal in their names. */
export function directorySample(directory: string): { diskBytes: number; logBytes: number } {
  let diskBytes = 0;
  let logBytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    try {
      const bytes = 512 * statSync(join(entry.parentPath, entry.name)).blocks;
      diskBytes += bytes;
      if (/\.log$|wal|journal/i.test(entry.name)) logBytes += bytes;
    } catch {} // it was removed meanwhile
  }
  return { diskBytes, logBytes };
}
