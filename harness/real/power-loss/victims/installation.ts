/**
 * Installations: data directories as created by a server's own installer. Each is created once per
 * process on an ordinary file system and copied to the victim's file system: an installer takes ten
 * times as long on FUSE.
 *
 * The copy is synced, because power is to be cut under the server, not under its installation.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeScratch } from '../../scratch.ts';
import { Watchdog } from '../../watchdog.ts';
import type { Place } from '../victim.ts';
import { serverAt } from './server.ts';

export interface Installer {
  readonly program: string;
  readonly user: string;
  /** Arguments of the installer, given the data directory. */
  args(data: string): readonly string[];
}

const made = new Map<Installer, Promise<string>>();

/** Copies an installation to `data`, which does not exist yet. Throws when the installer fails. */
export async function copyInstallation(installer: Installer, data: string): Promise<void> {
  let source = made.get(installer);
  if (source === undefined) {
    source = install(installer);
    made.set(installer, source);
  }
  await run('cp', ['-a', await source, data]);
  await run('sync', ['-f', data]);
}

async function install({ program, user, args }: Installer): Promise<string> {
  const scratch = makeScratch();
  const watchdog = new Watchdog();
  watchdog.guard({ directory: scratch });
  await run('chown', [user, scratch]);
  const data = join(scratch, 'data');
  const place: Place = { directory: scratch, scratch, watchdog };
  await serverAt(place, { name: 'install', program, user, args: args(data) }).run();
  return data;
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}
