/**
 * The child process that holds an embedded store, so that it can be killed for real. Loads the
 * target at once and opens the store when told to, so that a standby host takes over without delay.
 *
 *     node store-host.ts <target module URL>
 */
import { performance } from 'node:perf_hooks';
import {
  type EmbeddedTarget,
  isOperationError,
  type Session,
  type Settings,
  type Store,
  type Transaction,
} from '../contract/target.ts';
import type {
  DieRequest,
  HostReply,
  HostRequest,
  OpenReply,
  OpenRequest,
} from './host-protocol.ts';

type Held = Store | Session | Transaction | NonNullable<Session['graph']>;

const module = (await import(process.argv[2]!)) as { default: EmbeddedTarget };
const target = module.default;
const objects = new Map<number, Held>();
/** Calls of one object run one after the other; a write that failed fails all that follow. */
const queues = new Map<number, Promise<unknown>>();
const failures = new Map<number, unknown>();
let nextHandle = 1;
let commitsLeft = Number.POSITIVE_INFINITY;

const say = (message: HostReply | OpenReply | { ready: true }) => process.send!(message);

async function openStore({ directory, settings }: OpenRequest['open']): Promise<void> {
  const began = performance.now();
  try {
    objects.set(0, await target.open(directory, settings as Settings));
    say({ opened: { durationMs: performance.now() - began } });
  } catch (error) {
    say({ openError: String((error as Error)?.message ?? error) });
  }
}

function hold(object: Held): number {
  const handle = nextHandle++;
  objects.set(handle, object);
  return handle;
}

async function answer(request: HostRequest): Promise<HostReply> {
  const { id, handle, method, args } = request;
  const object = objects.get(handle) as unknown as Record<string, unknown> | undefined;
  if (object === undefined) return { id }; // only a rollback comes after the end
  if (method === 'graph') return { id, handle: hold(object.graph as Held) };
  if (failures.has(handle) && method !== 'rollback') throw failures.get(handle);
  const call = object[method] as (...args: readonly unknown[]) => Promise<unknown>;
  const value = await call.apply(object, args as unknown[]);
  if (method === 'connect') {
    const session = value as Session;
    return { id, handle: hold(session), hasGraph: session.graph !== undefined };
  }
  if (method === 'begin') return { id, handle: hold(value as Transaction) };
  if (method === 'commit' || method === 'rollback') forget(handle);
  return { id, value };
}

function forget(handle: number): void {
  objects.delete(handle);
  queues.delete(handle);
  failures.delete(handle);
}

/** Answers in the order of the calls on one object. The store and its sessions are not objects
 * with an order: their calls run side by side. */
function answerInTurn(request: HostRequest): Promise<HostReply> {
  const { handle, method } = request;
  if (method === 'connect' || method === 'begin' || method === 'graph') return answer(request);
  const before = queues.get(handle) ?? Promise.resolve();
  const answered = before.then(() => answer(request));
  queues.set(
    handle,
    answered.catch((error: unknown) => {
      if (method === 'put' || method === 'delete') failures.set(handle, error);
    }),
  );
  return answered;
}

/** Sends an acknowledgement before the store does any further work. */
function reply({ method }: HostRequest, answered: HostReply): void {
  const isLast = method === 'commit' && --commitsLeft === 0;
  say(isLast ? { ...answered, isLast } : answered);
  if (isLast) process.kill(process.pid, 'SIGKILL');
}

process.on('message', (message: HostRequest | OpenRequest | DieRequest) => {
  if ('dieAfterCommits' in message) {
    commitsLeft = message.dieAfterCommits;
    return;
  }
  if ('open' in message) {
    void openStore(message.open);
    return;
  }
  const answered = answerInTurn(message);
  answered.then(reply.bind(undefined, message), (error: unknown) => {
    const known = isOperationError(error);
    const code = known ? error.code : 'unknown';
    const text = String((error as Error)?.message ?? error);
    say({ id: message.id, error: { code, definite: known && error.definite, message: text } });
  });
});
// Ctrl-C reaches the whole process group; the harness says when this process ends.
process.on('SIGINT', () => undefined);
// The harness died: nobody is left to serve.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
say({ ready: true });
