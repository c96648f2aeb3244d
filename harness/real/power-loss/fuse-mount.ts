/** FuseMount: a volatile file system mounted by a process of its own. Needs FUSE and fuse-native. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FuseAnswer, FuseRequest } from './fuse-protocol.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROCESS = fileURLToPath(new URL(`./fuse-process${EXTENSION}`, import.meta.url));

type Asked = FuseRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

export class FuseMount {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: FuseAnswer) => void>();
  #ids = 0;
  readonly directory: string;

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
    child.on('message', (answer: FuseAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on('exit', (code) => {
      for (const [id, resolve] of this.#waiting) {
        resolve({ id, error: `the process that serves ${directory} ended with ${code}` });
      }
    });
  }

  /** Mounts on an empty directory. Throws an Error that says why it can't. `owner`: of all files. */
  static async on(
    directory: string,
    owner?: { readonly uid: number; readonly gid: number },
  ): Promise<FuseMount> {
    const ids = owner === undefined ? [] : [String(owner.uid), String(owner.gid)];
    const child = fork(PROCESS, [directory, ...ids], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const mount = new FuseMount(directory, child);
    const { error } = await mount.#answerTo(0);
    if (error === undefined) return mount;
    child.kill('SIGKILL');
    throw new Error(`cannot mount ${directory}: ${error}`);
  }

  /** Requires: whoever used the files is gone. */
  async cut(mode: 'none' | 'some' | 'all', seed: number): Promise<void> {
    await this.#ask({ kind: 'cut', mode, seed });
  }

  async lie(lies: boolean): Promise<void> {
    await this.#ask({ kind: 'lie', lies });
  }

  async beginAudit(): Promise<void> {
    await this.#ask({ kind: 'audit' });
  }

  async isDurable(token: string): Promise<boolean> {
    return (await this.#ask({ kind: 'durable', token })).durable === true;
  }

  async syncs(): Promise<number> {
    return (await this.#ask({ kind: 'syncs' })).syncs ?? 0;
  }

  async unmount(): Promise<void> {
    spawnSync('fusermount', ['-uz', this.directory], { stdio: 'ignore' });
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await gone;
  }

  async #ask(asked: Asked): Promise<FuseAnswer> {
    const id = ++this.#ids;
    const answered = this.#answerTo(id);
    this.#child.send({ ...asked, id });
    const answer = await answered;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  #answerTo(id: number): Promise<FuseAnswer> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}
