/**
 * FailingCalls: a layer around an environment in which one call fails, or all from one on.
 *
 * Counted is every call that a system can refuse: of the disk, background work, timers and locks.
 * Clocks and random numbers are only read. Calls of background tasks to their own disk count too.
 *
 * 1. A call that fails has no effect; one that fails *late* has all of it. `close` and `release` always
 *    have theirs: the system releases the object even when it reports an error.
 * 2. Where calls are counted only, each one's place in the program is noted (`sites`).
 */
import type { Background } from '../../../engine/env/background.ts';
import type { Clock } from '../../../engine/env/clock.ts';
import type { Disk } from '../../../engine/env/disk.ts';
import type { Env } from '../../../engine/env/env.ts';
import { callSite } from './call-site.ts';
import type { DiskErrorFactory } from './trouble.ts';

export type CallName =
  | Exclude<keyof Disk, 'resolve' | 'identity'>
  | 'release'
  | 'run'
  | 'end'
  | 'after'
  | 'rest';

/** How a call fails. */
export interface Way {
  /**
   * By a throw in the caller's turn, by a rejection where a promise is due, after its effect, or by
   * never answering.
   */
  readonly how: 'throw' | 'reject' | 'late' | 'hang';
  /** The error that is thrown: a plain Error if `untyped`. */
  readonly error: 'io' | 'disk-full' | 'untyped';
  /** Whether later calls fail too: none, those of the same name, or all. */
  readonly lasts: 'once' | 'same' | 'all';
}

export const WAYS: readonly Way[] = [
  { how: 'throw', error: 'untyped', lasts: 'once' },
  { how: 'late', error: 'disk-full', lasts: 'once' },
  { how: 'throw', error: 'io', lasts: 'all' },
  { how: 'reject', error: 'disk-full', lasts: 'once' },
  { how: 'throw', error: 'disk-full', lasts: 'same' },
  { how: 'late', error: 'io', lasts: 'once' },
  { how: 'hang', error: 'io', lasts: 'once' },
];

const PROMISED: ReadonlySet<CallName> = new Set<CallName>([
  'sync',
  'writeDurable',
  'syncDirectory',
  'run',
  'end',
  'rest',
]);
/** The caller cannot have the result of these when they fail. */
const NEVER_LATE: ReadonlySet<CallName> = new Set<CallName>([
  'open',
  'allocate',
  'size',
  'readAt',
  'list',
  'lock',
  'after',
]);
const LETS_GO: ReadonlySet<CallName> = new Set<CallName>(['close', 'release']);

/** Whether a call of that name can fail in that way. */
export function canFail(name: CallName, { how }: Way): boolean {
  if (how === 'reject' || how === 'hang') return PROMISED.has(name);
  if (how === 'late') return !NEVER_LATE.has(name) && !LETS_GO.has(name);
  return true;
}

export interface Call {
  readonly name: CallName;
  /** File and line of the program under test that made it. */
  readonly site: string;
}

export class FailingCalls {
  readonly #error: DiskErrorFactory;
  readonly #failing: { readonly call: number; readonly way: Way } | undefined;
  #name: CallName | undefined;
  /** Every call so far, where none is to fail. */
  readonly calls: Call[] = [];
  /** The names of those that failed. */
  readonly failed = new Set<CallName>();
  count = 0;
  #life = 0;
  /** Off: nothing is counted and nothing fails. */
  isOn = true;

  /** `failing`: the number of the call that fails, from 0, and how; left out, calls are noted. */
  constructor(error: DiskErrorFactory, failing?: { readonly call: number; readonly way: Way }) {
    this.#error = error;
    this.#failing = failing;
  }

  /** A new process starts: calls of the killed one no longer count. */
  beginLife(): number {
    return ++this.#life;
  }

  env(env: Env, life: number): Env {
    return {
      disk: this.disk(env.disk, life),
      clock: this.#clock(env.clock, life),
      random: env.random,
      memory: env.memory,
      background: this.#background(env.background, life),
    };
  }

  disk(disk: Disk, life: number): Disk {
    const call = <T>(name: CallName, run: () => T) => this.#call(life, name, run);
    return {
      open: (path, mode) => call('open', () => disk.open(path, mode)),
      allocate: (bytes) => call('allocate', () => disk.allocate(bytes)),
      close: (file) => call('close', () => disk.close(file)),
      size: (file) => call('size', () => disk.size(file)),
      readAt: (file, target, offset) => call('readAt', () => disk.readAt(file, target, offset)),
      waited: () => disk.waited?.() === true,
      writeAt: (file, bytes, offset) => call('writeAt', () => disk.writeAt(file, bytes, offset)),
      append: (file, bytes) => call('append', () => disk.append(file, bytes)),
      sync: (file, alone) => call('sync', () => disk.sync(file, alone)),
      writeDurable: (file, bytes, offset) =>
        call('writeDurable', () => disk.writeDurable(file, bytes, offset)),
      truncate: (file, size) => call('truncate', () => disk.truncate(file, size)),
      rename: (from, to) => call('rename', () => disk.rename(from, to)),
      remove: (path) => call('remove', () => disk.remove(path)),
      list: (directory) => call('list', () => disk.list(directory)),
      createDirectory: (directory) =>
        call('createDirectory', () => disk.createDirectory(directory)),
      resolve: (directory) => disk.resolve(directory),
      identity: (directory) => disk.identity(directory),
      syncDirectory: (directory) => call('syncDirectory', () => disk.syncDirectory(directory)),
      lock: (path) => {
        const held = call('lock', () => disk.lock(path));
        return { release: () => call('release', () => held.release()) };
      },
    };
  }

  #clock(clock: Clock, life: number): Clock {
    return {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, run) => this.#call(life, 'after', () => clock.after(delayMs, run)),
      rest: (ms, awaited) => this.#call(life, 'rest', () => clock.rest(ms, awaited)),
    };
  }

  #background(background: Background, life: number): Background {
    return {
      run: (task, lane) => this.#call(life, 'run', () => background.run(task, lane)),
      another: () => this.#background(background.another?.() ?? background, life),
      close: () => this.#call(life, 'end', () => background.close()),
    };
  }

  #call<T>(life: number, name: CallName, run: () => T): T {
    const way = this.isOn && life === this.#life ? this.#wayOf(name) : undefined;
    if (way === undefined) return run();
    this.failed.add(name);
    if (way.how === 'hang' && PROMISED.has(name)) return new Promise<never>(() => {}) as T;
    const error = this.#errorOf(name, way);
    if (LETS_GO.has(name)) run();
    else if (way.how === 'late' && canFail(name, way)) {
      const result = run();
      if (result instanceof Promise) return result.then(() => Promise.reject(error)) as T;
    }
    if (way.how !== 'throw' && PROMISED.has(name)) return Promise.reject(error) as T;
    throw error;
  }

  /** Counts the call; answers how it fails, if it does. */
  #wayOf(name: CallName): Way | undefined {
    const number = this.count++;
    if (this.#failing === undefined) {
      this.calls.push({ name, site: callSite(name) });
      return undefined;
    }
    const { call, way } = this.#failing;
    if (number < call) return undefined;
    this.#name ??= name;
    if (number === call || way.lasts === 'all') return way;
    return way.lasts === 'same' && name === this.#name ? way : undefined;
  }

  #errorOf(name: CallName, { error }: Way): Error {
    const message = `${name} was made to fail`;
    return error === 'untyped' ? new Error(message) : this.#error(error, message, name);
  }
}
