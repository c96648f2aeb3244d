/**
 * HostedStore: an embedded store in a child process, behind the same contract.
 *
 * A call that is open when the process dies ends in `connection-lost`, indefinite. Puts and
 * deletes are sent without waiting for an answer; what they throw comes out at the next call of
 * the transaction.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  GraphSession,
  OperationError,
  Session,
  Settings,
  Store,
  Transaction,
} from '../contract/target.ts';
import type {
  DieRequest,
  HostReply,
  HostRequest,
  OpenReply,
  OpenRequest,
} from './host-protocol.ts';

const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const HOST = fileURLToPath(new URL(`./store-host${EXTENSION}`, import.meta.url));
const SETPRIV = '/usr/bin/setpriv';

class HostError extends Error implements OperationError {
  readonly code: string;
  readonly definite: boolean;

  constructor(error: OperationError) {
    super(error.message);
    this.code = error.code;
    this.definite = error.definite;
  }
}

interface Waiter {
  resolve(reply: HostReply): void;
  reject(error: Error): void;
}

export class StoreHost {
  readonly #child: ChildProcess;
  readonly #waiters = new Map<number, Waiter>();
  readonly #ready: Promise<void>;
  readonly #exited: Promise<unknown>;
  #opening: { resolve(reply: OpenReply): void; reject(error: Error): void } | undefined;
  #struck: () => void = () => undefined;
  #nextId = 1;
  #dead = false;

  /** Starts the process at once; `open` opens the store. Dies with this process. */
  constructor(targetUrl: string, environment: Readonly<Record<string, string>> = {}) {
    const node = process.execPath;
    const wrap = existsSync(SETPRIV)
      ? { execPath: SETPRIV, execArgv: ['--pdeathsig', 'KILL', node] }
      : { execPath: node, execArgv: [] };
    const env = { ...process.env, ...environment };
    this.#child = fork(HOST, [targetUrl], {
      ...wrap,
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
    this.#ready = new Promise((resolve, reject) => {
      this.#child.once('exit', () => {
        this.#die();
        reject(new Error('the store host ended before it was ready'));
      });
      this.#child.on('error', reject);
      this.#child.on('message', (message: HostReply | OpenReply | { ready: true }) => {
        if ('ready' in message) resolve();
        else this.#receive(message);
      });
    });
    this.#ready.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Opens the store; answers it and how long recovery took. Throws what opening threw. */
  async open(
    directory: string,
    settings: Settings,
  ): Promise<{ readonly store: Store; readonly durationMs: number }> {
    await this.#ready;
    const reply = await new Promise<OpenReply>((resolve, reject) => {
      this.#opening = { resolve, reject };
      const request: OpenRequest = { open: { directory, settings } };
      this.#child.send(request);
    });
    this.#opening = undefined;
    if (reply.opened === undefined) throw new Error(reply.openError);
    const store: Store = {
      connect: () => this.#connect(),
      close: async () => {
        await this.call(0, 'close');
      },
    };
    return { store, durationMs: reply.opened.durationMs };
  }

  /**
   * The process kills itself as soon as it has answered `commits` commits from now on; resolves when it
   * is gone. `struck` is called before the last answer is handed on.
   */
  async dieAtCommit(commits: number, struck: () => void): Promise<void> {
    this.#struck = struck;
    const request: DieRequest = { dieAfterCommits: commits };
    this.#child.send(request, () => undefined);
    await this.#exited;
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
    this.#die();
  }

  call(handle: number, method: string, ...args: readonly unknown[]): Promise<HostReply> {
    if (this.#dead) return Promise.reject(lost());
    const id = this.#nextId++;
    const request: HostRequest = { id, handle, method, args };
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      this.#child.send(request, (error) => {
        if (error !== null) reject(lost());
      });
    });
  }

  async #connect(): Promise<Session> {
    const { handle, hasGraph } = await this.call(0, 'connect');
    const session = handle!;
    const graphHandle = hasGraph === true ? (await this.call(session, 'graph')).handle! : undefined;
    return {
      begin: async () => this.#transaction((await this.call(session, 'begin')).handle!),
      ...(graphHandle === undefined ? {} : { graph: this.#graph(graphHandle) }),
      close: async () => {
        await this.call(session, 'close');
      },
    };
  }

  #transaction(handle: number): Transaction {
    let failure: unknown;
    const post = (method: string, ...args: readonly unknown[]) => {
      this.call(handle, method, ...args).catch((error: unknown) => {
        failure ??= error;
      });
    };
    const ask = async (method: string, ...args: readonly unknown[]) => {
      const { value } = await this.call(handle, method, ...args);
      if (failure !== undefined) throw failure;
      return value;
    };
    return {
      get: async (key) => ((await ask('get', key)) ?? undefined) as string | undefined,
      put: async (key, value) => post('put', key, value),
      delete: async (key) => post('delete', key),
      range: async (query) =>
        (await ask('range', query)) as Awaited<ReturnType<Transaction['range']>>,
      commit: async () => {
        await ask('commit');
      },
      rollback: async () => {
        await this.call(handle, 'rollback');
      },
    };
  }

  #graph(handle: number): GraphSession {
    const change = async (method: string, ...args: readonly unknown[]) => {
      await this.call(handle, method, ...args);
    };
    const ask = async <T>(method: string, ...args: readonly unknown[]): Promise<T> => {
      const { value } = await this.call(handle, method, ...args);
      return (value ?? undefined) as T;
    };
    return {
      addVertex: (...args) => change('addVertex', ...args),
      setVertex: (...args) => change('setVertex', ...args),
      removeVertex: (...args) => change('removeVertex', ...args),
      addEdge: (...args) => change('addEdge', ...args),
      setEdge: (...args) => change('setEdge', ...args),
      removeEdge: (edge) => change('removeEdge', edge),
      vertex: (vertex) => ask('vertex', vertex),
      edge: (edge) => ask('edge', edge),
      degrees: (vertex) => ask('degrees', vertex),
      neighbours: (vertex, query) => ask('neighbours', vertex, query),
      dump: () => ask('dump'),
    };
  }

  #receive(message: HostReply | OpenReply): void {
    if (!('id' in message)) {
      this.#opening?.resolve(message);
      return;
    }
    if (message.isLast) this.#struck();
    const waiter = this.#waiters.get(message.id);
    this.#waiters.delete(message.id);
    if (message.error === undefined) waiter?.resolve(message);
    else waiter?.reject(new HostError(message.error));
  }

  #die(): void {
    this.#dead = true;
    this.#opening?.reject(lost());
    for (const waiter of this.#waiters.values()) waiter.reject(lost());
    this.#waiters.clear();
  }
}

function lost(): HostError {
  const message = 'the process has ended; it is unknown whether the operation took effect';
  return new HostError({ code: 'connection-lost', definite: false, message });
}
