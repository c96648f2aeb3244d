/** The watchdog's own process: reads lines until the pipe closes, then removes what is guarded. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Guarded } from './watchdog.ts';

const guarded = new Map<string, Guarded>();

for await (const line of createInterface({ input: process.stdin })) {
  const word = JSON.parse(line) as { guard: Guarded } | { release: Guarded };
  if ('guard' in word) guarded.set(JSON.stringify(word.guard), word.guard);
  else guarded.delete(JSON.stringify(word.release));
}

// Processes first: they write into the directories.
for (const thing of guarded.values()) if ('group' in thing) killGroup(thing.group);
for (const thing of guarded.values()) {
  if ('containersOf' in thing) removeContainers(thing.containersOf);
}
for (const thing of guarded.values()) {
  if ('mount' in thing) spawnSync('umount', ['-l', thing.mount], { stdio: 'ignore' });
}
for (const thing of guarded.values()) {
  if ('directory' in thing) rmSync(thing.directory, { recursive: true, force: true });
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function removeContainers(label: string): void {
  const filter = ['--filter', `label=${label}`];
  const ids = (args: string[]) =>
    spawnSync('docker', args, { encoding: 'utf8' }).stdout?.split('\n').filter(Boolean) ?? [];
  const containers = ids(['ps', '-aq', ...filter]);
  if (containers.length > 0) spawnSync('docker', ['rm', '-f', '-v', ...containers]);
  const networks = ids(['network', 'ls', '-q', ...filter]);
  if (networks.length > 0) spawnSync('docker', ['network', 'rm', ...networks]);
}
