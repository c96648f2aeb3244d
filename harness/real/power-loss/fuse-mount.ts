/**
 * FuseMount: mounts the file system that loses power, served by a process of its own. Needs FUSE and
 * root. If that process ends, every call on the mount fails.
 */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DiskFault } from './disk-faults.ts';
import { type FuseAnswer, type FuseRequest, type MountState, POWER_LOST } from './fuse-protocol.ts';
import type { ArmedCut } from './powered-fs.ts';
import type { CutRequest } from './volatile/cut-plan.ts';
import { DEFAULT_MODEL } from './volatile/models.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const PROCESS = fileURLToPath(new URL(`./fuse-process${EXTENSION}`, import.meta.url));

type Asked = FuseRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

export class FuseMount {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: FuseAnswer) => void>();
  #ids = 0;
  #lost: () => void = () => undefined;
  readonly directory: string;

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
    child.on('message', (answer: FuseAnswer) => {
      if (answer.id === POWER_LOST) this.#lost();
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on('exit', (code) => {
      for (const [id, resolve] of this.#waiting) {
        resolve({ id, error: `the process that serves ${directory} ended with ${code}` });
      }
    });
  }

  /** Mounts on an empty directory. Throws an Error that says why it can't. `owner`: of the root. */
  static async on(
    directory: string,
    owner: { readonly uid: number; readonly gid: number } = { uid: 0, gid: 0 },
    model = DEFAULT_MODEL,
  ): Promise<FuseMount> {
    const child = fork(PROCESS, [directory, model, String(owner.uid), String(owner.gid)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const mount = new FuseMount(directory, child);
    const { error } = await mount.#answerTo(0);
    if (error === undefined) return mount;
    child.kill('SIGKILL');
    throw new Error(`cannot mount ${directory}: ${error}`);
  }

  /**
   * Cuts and restores the power. A process that survives gets EIO on everything it had open but can
   * open files anew, so kill it first.
   */
  async cut(mode: CutRequest['mode'], seed: number): Promise<void> {
    await this.powerOff();
    await this.restore({ mode, seed });
  }

  /** Cuts the power, unless it is off already. */
  async powerOff(): Promise<void> {
    await this.#ask({ kind: 'cut' });
  }

  /**
   * Restores power with a state that the last cut may have left, a new one at each call. Returns the
   * state's fingerprint.
   */
  async restore(state: CutRequest): Promise<string> {
    return (await this.#ask({ kind: 'restore', state })).fingerprint!;
  }

  /** Writes memory-mapped changes back to the file system, without making them durable. */
  async writeBack(): Promise<void> {
    await this.#ask({ kind: 'write-back', only: true });
    const sync = spawn('sync', ['-f', this.directory], { stdio: 'ignore' });
    await once(sync, 'exit');
    await this.#ask({ kind: 'write-back', only: false });
  }

  /** Arms a cut inside a later step. Resolves when armed; `lost` resolves when the power is cut. */
  async arm(cut: ArmedCut): Promise<{ readonly lost: Promise<void> }> {
    const lost = new Promise<void>((resolve) => {
      this.#lost = resolve;
    });
    await this.#ask({ kind: 'arm', cut });
    return { lost };
  }

  /** Without an argument, removes the fault. */
  async plant(fault?: DiskFault, at = 1): Promise<void> {
    await this.#ask({ kind: 'fault', at, ...(fault === undefined ? {} : { fault }) });
  }

  /** Delays each sync by this many milliseconds. */
  async delaySyncs(ms: number): Promise<void> {
    await this.#ask({ kind: 'delay', ms });
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
    return (await this.state()).syncs;
  }

  async state(): Promise<MountState> {
    return (await this.#ask({ kind: 'state' })).state!;
  }

  async unmount(): Promise<void> {
    spawnSync('umount', ['-l', this.directory], { stdio: 'ignore' });
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
