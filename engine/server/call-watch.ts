/**
 * Call watch: bounds the resources of a gRPC call before its handler sees it and after the handler returns.
 *
 * 1. A request must arrive whole within `receiveMs`. At most `receiving` arrive at a time; beyond that the one
 *    that began earliest is refused.
 * 2. A reply must be read within `stallMs`. At most `unread` wait; beyond that the oldest is dropped and its
 *    connection closed, because a client that does not read receives no error.
 * 3. A connection with open calls counts as busy.
 */
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Clock } from '../env/clock.ts';
import type { Connections } from './connections.ts';
import { Leases } from './leases.ts';
import type { Limits } from './limits.ts';
import { ServerError, toServiceError } from './status.ts';

/** Who holds a place for less than this never loses it to another. */
const EVICT_AFTER_MS = 100;

export type WatchLimits = Pick<Limits, 'receiving' | 'receiveMs' | 'unread' | 'stallMs'>;

/** The interceptor, and what it holds. */
export interface CallWatch {
  readonly interceptor: ServerInterceptor;
  readonly receiving: Leases;
  readonly unread: Leases;
}

export function callWatch(clock: Clock, limits: WatchLimits, connections: Connections): CallWatch {
  const places = (max: number, what: string) =>
    new Leases({ clock, max, what, evictAfterMs: EVICT_AFTER_MS });
  const receiving = places(limits.receiving, 'requests');
  const unread = places(limits.unread, 'replies');
  /** A place for at most `limitMs`; `giveUp` is called when it is lost, also to another. */
  const hold = (
    leases: Leases,
    limitMs: number,
    giveUp: (isLate: boolean) => void,
  ): (() => void) => {
    const lease = leases.take(() => giveUp(false));
    const timer = clock.after(limitMs, () => giveUp(true));
    return () => {
      timer.cancel();
      lease.release();
    };
  };
  const interceptor: ServerInterceptor = (method, next) => {
    const peer = next.getPeer();
    let arrived = () => {};
    let taken: (() => void) | undefined;
    let callEnded = () => {};
    const refuse = (cause: unknown) => {
      const error = toServiceError(cause);
      next.sendStatus({ code: error.code!, details: error.details!, metadata: error.metadata! });
    };
    const lost = (isLate: boolean) =>
      refuse(
        isLate
          ? new ServerError(
              'deadline-exceeded',
              `the request did not arrive whole within ${limits.receiveMs} ms`,
            )
          : new ServerError('overloaded', 'others needed the place of a request that arrives'),
      );
    const replies = () => {
      const giveUp = () => connections.drop(peer);
      try {
        taken ??= hold(unread, limits.stallMs, giveUp);
      } catch {
        const timer = clock.after(limits.stallMs, giveUp); // all places are young: only the deadline
        taken = () => timer.cancel();
      }
    };
    return new ServerInterceptingCall(next, {
      start(begin) {
        begin({
          onReceiveMetadata(metadata, pass) {
            callEnded = connections.callBegan(peer);
            try {
              if (!method.requestStream) arrived = hold(receiving, limits.receiveMs, lost);
            } catch (full) {
              return refuse(full);
            }
            pass(metadata);
          },
          onReceiveHalfClose(pass) {
            arrived();
            pass();
          },
          onCancel() {
            arrived();
            taken?.();
            callEnded();
          },
        });
      },
      sendMessage(message, pass) {
        if (!method.responseStream) replies();
        pass(message);
      },
      sendStatus(status, pass) {
        replies();
        pass(status);
      },
    });
  };
  return { interceptor, receiving, unread };
}
