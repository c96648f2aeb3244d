/**
 * Checks and copies the arguments of client calls before the first wait: a request may be resent long after the
 * call returned its buffers to the caller.
 *
 * Throws ClientError `invalid-argument` or `invalid-options`, definite: nothing was sent.
 */
import {
  described,
  flag,
  invalidArgument,
  knownOptions,
  readOut,
  refuseNonBytes,
  refuseNonFunction,
  refuseNonText,
  wholeNumber,
} from '../arguments.ts';
import { isStoreError } from '../errors.ts';
import type { RangeOptions } from '../mvcc/range-options.ts';
import { type CallOptions, ClientError, type ClientOptions } from './channel.ts';
import type { Change } from './wire.ts';

const MOST = Number.MAX_SAFE_INTEGER;
/** As long as a timer can run. */
const DEADLINE_MAX_MS = 2 ** 31 - 1;

const RANGE: Readonly<Record<keyof RangeOptions, true>> = {
  from: true,
  to: true,
  prefix: true,
  reverse: true,
  limit: true,
};
const CLIENT: Readonly<Record<keyof ClientOptions, true>> = {
  deadlineMs: true,
  retry: true,
  backoffMaxMs: true,
  tls: true,
};
const TLS: Readonly<Record<keyof NonNullable<ClientOptions['tls']>, true>> = {
  authority: true,
  key: true,
  certificate: true,
};

/** The caller's bytes, in memory of the client's own. */
export function ownBytes(value: Uint8Array, what: string): Uint8Array {
  return checked(() => copyOf(value, what));
}

function copyOf(value: Uint8Array, what: string): Uint8Array {
  refuseNonBytes(value, what);
  return new Uint8Array(value);
}

export function ownChanges(changes: readonly Change[]): readonly Change[] {
  return checked(() => {
    return readOut('changes', invalidArgument, () => {
      if (Array.isArray(changes)) return Array.from(changes as readonly Change[], ownChange);
      throw invalidArgument(`changes are ${described(changes)}, not an array`);
    });
  });
}

function ownChange(change: Change): Change {
  if (typeof change !== 'object' || change === null) {
    throw invalidArgument(`a change is ${described(change)}, not {key, value, remove}`);
  }
  const {
    key,
    value,
    remove = false,
  } = readOut('a change', invalidArgument, () => {
    const { key, value, remove } = change;
    return { key, value, remove };
  });
  return {
    key: copyOf(key, 'key'),
    value: flag('remove', remove) ? new Uint8Array(0) : copyOf(value, 'value'),
    remove,
  };
}

export function ownRange(options: RangeOptions): RangeOptions {
  return checked(() => {
    const { from, to, prefix, reverse, limit } = knownOptions(options, RANGE, 'range options');
    return {
      ...(from !== undefined && { from: copyOf(from, 'from') }),
      ...(to !== undefined && { to: copyOf(to, 'to') }),
      ...(prefix !== undefined && { prefix: copyOf(prefix, 'prefix') }),
      ...(reverse !== undefined && { reverse: flag('reverse', reverse) }),
      ...(limit !== undefined &&
        limit !== Number.POSITIVE_INFINITY && { limit: wholeNumber('limit', limit, 0, MOST) }),
    };
  });
}

export function ownCallOptions(options: CallOptions): CallOptions {
  return checked(() => {
    const { deadlineMs } = knownOptions(options, { deadlineMs: true }, 'call options');
    return deadlineMs === undefined ? {} : { deadlineMs: deadlineOf(deadlineMs) };
  });
}

export function ownClientOptions(options: ClientOptions): ClientOptions {
  return checked(() => {
    const { deadlineMs, retry, backoffMaxMs, tls } = knownOptions(
      options,
      CLIENT,
      'client options',
    );
    return {
      ...(deadlineMs !== undefined && { deadlineMs: deadlineOf(deadlineMs) }),
      ...(retry !== undefined && { retry: flag('retry', retry) }),
      ...(backoffMaxMs !== undefined && {
        backoffMaxMs: wholeNumber('backoffMaxMs', backoffMaxMs, 0, DEADLINE_MAX_MS),
      }),
      ...(tls !== undefined && { tls: ownTls(tls) }),
    };
  });
}

function ownTls(tls: NonNullable<ClientOptions['tls']>): NonNullable<ClientOptions['tls']> {
  const { authority, key, certificate } = knownOptions(tls, TLS, 'tls options');
  for (const [name, text] of Object.entries({ authority, key, certificate })) {
    if (text !== undefined) refuseNonText(text, name);
  }
  return {
    ...(authority !== undefined && { authority }),
    ...(key !== undefined && { key }),
    ...(certificate !== undefined && { certificate }),
  };
}

/** Of a transaction; 0: the server's own limit. */
export function ownDeadline(deadlineMs: number): number {
  return checked(() => wholeNumber('deadlineMs', deadlineMs, 0, MOST));
}

export function refuseNonAddress(address: string): void {
  checked(() => refuseNonText(address, 'address'));
}

export function refuseNonCallable(value: unknown, what: string): void {
  checked(() => refuseNonFunction(value, what));
}

/** Throws unless there is something to take batches from. */
export function refuseNonIterable(batches: unknown): void {
  const all = batches as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  const isIterable = () =>
    typeof batches === 'object' &&
    (typeof all?.[Symbol.asyncIterator] === 'function' ||
      typeof all?.[Symbol.iterator] === 'function');
  checked(() => {
    if (readOut('batches', invalidArgument, isIterable)) return;
    throw invalidArgument(`batches are ${described(batches)}, not iterable`);
  });
}

function deadlineOf(deadlineMs: unknown): number {
  return wholeNumber('deadlineMs', deadlineMs, 0, DEADLINE_MAX_MS);
}

function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!isStoreError(error)) throw error;
    const { code, message } = error;
    throw new ClientError({ code, message, definite: true, isTransient: false });
  }
}
