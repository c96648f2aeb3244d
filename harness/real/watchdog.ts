/**
 * Watchdog: a process that outlives the harness by a moment and removes what it left. It holds a
 * pipe to the harness; when that closes, for whatever reason, it kills the process groups, removes
 * the containers and networks by label, unmounts the file systems and deletes the directories it was
 * told of.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROGRAM = fileURLToPath(new URL(`./watchdog-process${EXTENSION}`, import.meta.url));

/** Something to remove when the harness is gone. */
export type Guarded =
  | { readonly group: number }
  | { readonly directory: string }
  /** A file system in user space, by where it is mounted. */
  | { readonly mount: string }
  | { readonly containersOf: string };

export class Watchdog {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, [PROGRAM], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true, // Ctrl-C must not reach it
    });
    this.#child.unref();
    this.#child.stdin?.on('error', () => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  guard(thing: Guarded): void {
    this.#tell({ guard: thing });
  }

  /** It is gone already; its number may soon be another's. */
  release(thing: Guarded): void {
    this.#tell({ release: thing });
  }

  /** Lets it remove what is still guarded, and waits for that. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.ref();
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }

  #tell(word: object): void {
    this.#child.stdin?.write(`${JSON.stringify(word)}\n`);
  }
}
