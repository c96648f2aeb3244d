/** The embedded Toxiproxy in a process of its own, which ends with this one. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROGRAM = fileURLToPath(new URL(`./proxy-process${EXTENSION}`, import.meta.url));
const SETPRIV = '/usr/bin/setpriv';

/** A Toxiproxy that answers. */
export interface RunningProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Throws an Error when it does not start. */
export async function startEmbedded(
  seed: number,
): Promise<RunningProxy & { readonly pid: number }> {
  const node = process.execPath;
  const wrap = existsSync(SETPRIV)
    ? { execPath: SETPRIV, execArgv: ['--pdeathsig', 'KILL', node] }
    : { execPath: node, execArgv: [] };
  const child: ChildProcess = fork(PROGRAM, [String(seed)], {
    ...wrap,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message: { url: string }) => resolve(message.url));
    child.once('error', reject);
    exited.then(() => reject(new Error('the embedded Toxiproxy ended at once')), reject);
  });
  return {
    url,
    pid: child.pid ?? -1,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
