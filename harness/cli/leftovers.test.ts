import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ENTRY = new URL('./assay.mjs', import.meta.url).pathname;
/** In the environment of all that descends from a run. */
const MARK = 'ASSAY_TEST_LEFTOVERS';
/** Five seconds on a quiet machine; this much on one that is loaded ten times over. */
const GONE_WITHIN_MS = 60_000;

let place = '';
afterEach(() => rmSync(place, { recursive: true, force: true }));

/** A run of the engine's server, with a place for temporary files of its own. */
function startRun(quietMs: number): ChildProcess {
  place = mkdtempSync(join(tmpdir(), 'assay-leftovers-'));
  const plan = { quietMs, faultMs: 1, lastsMs: 1, restMs: 1, healMs: 100 };
  const words = Object.entries(plan).flatMap(([name, ms]) => ['--plan', `${name}=${ms}`]);
  const args = ['run', 'healthy', '--target', 'engine-server', ...words];
  return spawn(process.execPath, [ENTRY, ...args, '--out', join(place, 'run')], {
    env: { ...process.env, TMPDIR: place, [MARK]: place },
    stdio: 'ignore',
  });
}

/** Command lines of all processes that descend from the run. */
function alive(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        if (!environment.includes(`${MARK}=${place}\0`)) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return []; // it ended while we looked
      }
    });
}

const scratch = () => readdirSync(place).filter((name) => name.startsWith('assay-'));

async function until(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

describe.skipIf(!existsSync('/proc/self/environ'))('what a run leaves behind', () => {
  it.each<NodeJS.Signals>(['SIGKILL', 'SIGINT'])(
    'is nothing, although it was ended by %s',
    async (signal) => {
      const run = startRun(60_000);
      const serves = () => alive().some((line) => line.includes('reference-engine-server/process'));
      expect(await until(serves, 250_000)).toBe(true);
      expect(scratch().length).toBeGreaterThan(0);
      const ended = once(run, 'exit');
      run.kill(signal);
      await ended;
      await until(() => alive().length === 0 && scratch().length === 0, GONE_WITHIN_MS);
      expect(alive()).toEqual([]);
      expect(scratch()).toEqual([]);
    },
  );

  it('is nothing when it has ended well', async () => {
    const run = startRun(500);
    expect(await once(run, 'exit')).toEqual([0, null]);
    expect(alive()).toEqual([]);
    expect(scratch()).toEqual([]);
  });
});

describe.skipIf(!existsSync('/proc/self/environ'))('a signal to npm run assay', () => {
  it('ends the command behind it, and waits for it', async () => {
    place = mkdtempSync(join(tmpdir(), 'assay-leftovers-'));
    const root = join(ENTRY, '..', '..', '..');
    const words = ['run', '--silent', 'assay', '--', 'toxiproxy', '--port', '0'];
    const npm = spawn('npm', words, {
      cwd: root,
      env: { ...process.env, [MARK]: place },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(npm.stdout!, 'data'); // its address: it listens
    const ended = once(npm, 'exit');
    npm.kill('SIGTERM');
    await ended;
    expect(alive()).toEqual([]);
  });
});
