/**
 * Ends every process that still uses a mount: a server's daemonised children may outlive its process
 * group.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const POLL_MS = 5;

/**
 * Resolves when no process has a file or its working directory below `directory`. Throws if one
 * remains.
 */
export async function endUsersOf(directory: string): Promise<void> {
  for (let waited = 0; ; waited += POLL_MS) {
    const pids = usersOf(directory);
    if (pids.length === 0) return;
    if (waited > PATIENCE_MS) throw new Error(`process ${pids[0]} does not end after SIGKILL`);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // The process has just ended.
      }
    }
    await sleep(POLL_MS);
  }
}

function usersOf(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) =>
      pathsOf(name).some((path) => path === directory || path.startsWith(`${directory}/`)),
    )
    .map(Number);
}

function pathsOf(pid: string): string[] {
  const paths: string[] = [];
  const add = (link: string) => {
    try {
      paths.push(readlinkSync(link));
    } catch {
      // The process ended, or access to it is denied.
    }
  };
  add(`/proc/${pid}/cwd`);
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) add(`/proc/${pid}/fd/${descriptor}`);
  } catch {
    // As above.
  }
  return paths;
}
