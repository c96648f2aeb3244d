/**
 * ServerProcess: a foreign server as a child. It has a process group of its own, its output goes
 * to a log, it dies with the harness (pdeathsig, and the watchdog for what it forked), and it can
 * have a private /etc/hosts and a clock of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './abilities.ts';
import type { Watchdog } from './watchdog.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** For the program alone, not for what starts it: a library to load before all others. */
  readonly preload?: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly logFile: string;
  readonly user?: string | undefined;
  /** What it sees as /etc/hosts. Needs root. */
  readonly hostsFile?: string | undefined;
}

const READY_PATIENCE_MS = 60_000;
const READY_POLL_MS = 25;
const LAST_WORDS_CHARACTERS = 2000;

/** A server that runs and did not answer within its time: a slow machine looks the same as one that hangs. */
export class NotReadyError extends Error {
  constructor(name: string, why: string) {
    super(`${name} was not ready in time: ${why}`);
  }
}

export class ServerProcess {
  readonly #spec: ProcessSpec;
  readonly #watchdog: Watchdog;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #isKilled = false;

  constructor(spec: ProcessSpec, watchdog: Watchdog) {
    this.#spec = spec;
    this.#watchdog = watchdog;
  }

  get name(): string {
    return this.#spec.name;
  }

  /** -1 before it was started. */
  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Starts it and waits until `ready` answers. Throws with its last words when it ends before. */
  async start(ready: () => Promise<unknown>): Promise<void> {
    this.#spawn();
    const deadline = performance.now() + READY_PATIENCE_MS;
    for (;;) {
      try {
        return void (await ready());
      } catch (error) {
        if (!this.isRunning) throw new Error(`${this.#spec.name} ended: ${this.lastWords()}`);
        if (performance.now() > deadline) {
          const why = (error as Error)?.message ?? String(error);
          throw new NotReadyError(this.#spec.name, `${why}: ${this.lastWords()}`);
        }
      }
      await sleep(READY_POLL_MS);
    }
  }

  /** Runs it to its end; answers what it printed. Throws with its last words when it failed. */
  async run(): Promise<string> {
    const child = this.#spawn();
    await this.#exited;
    if (child.exitCode === 0) return this.lastWords();
    throw new Error(`${this.#spec.name} ended with ${child.exitCode}: ${this.lastWords()}`);
  }

  /** It ended without having been stopped by the harness. */
  get hasCrashed(): boolean {
    return this.#child !== undefined && !this.isRunning && !this.#isKilled;
  }

  async kill(): Promise<void> {
    this.#isKilled ||= this.isRunning;
    this.#signal('SIGKILL');
    await this.#exited;
  }

  /** Asks it to end, and waits until it has: its exit code, null after a signal. */
  async terminate(): Promise<number | null> {
    this.#isKilled ||= this.isRunning;
    this.#signal('SIGTERM');
    await this.#exited;
    return this.#child?.exitCode ?? null;
  }

  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  lastWords(): string {
    return readFileSync(this.#spec.logFile, 'utf8').slice(-LAST_WORDS_CHARACTERS).trim();
  }

  #spawn(): ChildProcess {
    const { directory, environment, logFile } = this.#spec;
    const [command, ...args] = commandOf(this.#spec);
    const log = openSync(logFile, 'a');
    const child = spawn(command!, args, {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, log],
      detached: true, // a group of its own
    });
    closeSync(log);
    this.#child = child;
    this.#isKilled = false;
    const group = { group: child.pid ?? -1 };
    this.#watchdog.guard(group);
    this.#exited = Promise.race([once(child, 'exit'), once(child, 'error')]).finally(() =>
      this.#watchdog.release(group),
    );
    return child;
  }

  /** To the whole group: a server may have children. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined || !this.isRunning) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It ended this very moment.
    }
  }
}

/** Each part replaces itself by the next, so that all of it is one process. */
function commandOf({ program, args, user, hostsFile, preload = {} }: ProcessSpec): string[] {
  const path = findProgram(program) ?? program;
  const words = Object.entries(preload).map(([name, value]) => `${name}=${value}`);
  const own = words.length === 0 ? [path, ...args] : ['env', ...words, path, ...args];
  const asUser =
    user !== undefined && process.getuid?.() === 0
      ? ['--reuid', user, '--regid', user, '--init-groups']
      : [];
  const setpriv = findProgram('setpriv');
  const bound = setpriv === undefined ? own : [setpriv, '--pdeathsig', 'KILL', ...asUser, ...own];
  if (hostsFile === undefined) return bound;
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    hostsFile,
    ...bound,
  ];
}
