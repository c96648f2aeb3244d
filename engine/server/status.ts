/**
 * Errors on the wire: a gRPC status for every client, and in the trailing metadata the engine's error code and
 * its `definite` flag, for clients that know them.
 */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type ErrorCode, StoreError } from '../errors.ts';

/** Error codes that only the server has. */
export type ServerErrorCode =
  | 'deadline-exceeded'
  | 'invalid-request'
  | 'overloaded'
  | 'reader-stalled'
  | 'session-unknown'
  | 'shutting-down'
  | 'stream-idle'
  | 'transaction-unknown';

export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;
  readonly definite: boolean;

  constructor(code: ServerErrorCode, message: string, definite = true) {
    super(message);
    this.code = code;
    this.definite = definite;
  }
}

/** What ended an ingest, and how much of it was applied before. */
export class IngestStopped extends Error {
  override readonly name = 'IngestStopped';
  override readonly cause: unknown;
  /** Batches of this stream, from its first on, that are applied. */
  readonly applied: number;

  constructor(cause: unknown, applied: number) {
    const why = String((cause as Error)?.message ?? cause);
    super(`${applied} batches of the stream were applied; what ended it: ${why}`);
    this.cause = cause;
    this.applied = applied;
  }
}

const STATUS: Readonly<Partial<Record<ErrorCode | ServerErrorCode, status>>> = {
  conflict: status.ABORTED,
  corruption: status.DATA_LOSS,
  'deadline-exceeded': status.DEADLINE_EXCEEDED,
  'directory-moved': status.FAILED_PRECONDITION,
  'disk-full': status.RESOURCE_EXHAUSTED,
  'invalid-argument': status.INVALID_ARGUMENT,
  'invalid-options': status.INVALID_ARGUMENT,
  'invalid-request': status.INVALID_ARGUMENT,
  'key-empty': status.INVALID_ARGUMENT,
  'key-too-large': status.INVALID_ARGUMENT,
  overloaded: status.RESOURCE_EXHAUSTED,
  'reader-stalled': status.ABORTED,
  'read-only': status.FAILED_PRECONDITION,
  'session-unknown': status.NOT_FOUND,
  'shutting-down': status.UNAVAILABLE,
  'stream-idle': status.ABORTED,
  'snapshot-too-old': status.OUT_OF_RANGE,
  'store-closed': status.UNAVAILABLE,
  'transaction-finished': status.FAILED_PRECONDITION,
  'transaction-too-large': status.INVALID_ARGUMENT,
  'transaction-unknown': status.NOT_FOUND,
  'value-too-large': status.INVALID_ARGUMENT,
};

const CODE_KEY = 'assay-code';
/** 1: nothing of what was asked for has happened, or ever will. */
const DEFINITE_KEY = 'assay-definite';
/** Of an ingest: how many of the stream's batches were applied. */
const APPLIED_KEY = 'assay-applied';
/** Of an ingest. 1: nothing behind those was applied, or ever will be through this stream. */
const REST_KEY = 'assay-rest-untouched';
/** Headers have limits of their own. */
const DETAILS_CHARACTERS = 1000;

/** What the server sends for an error; anything unexpected is INTERNAL and indefinite. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const cause = error instanceof IngestStopped ? error.cause : error;
  const known = cause instanceof StoreError || cause instanceof ServerError;
  const isUntouched = known && cause.definite;
  const metadata = new Metadata();
  metadata.set(CODE_KEY, known ? cause.code : 'internal');
  if (error instanceof IngestStopped) {
    metadata.set(APPLIED_KEY, String(error.applied));
    metadata.set(REST_KEY, isUntouched ? '1' : '0');
    metadata.set(DEFINITE_KEY, isUntouched && error.applied === 0 ? '1' : '0');
  } else metadata.set(DEFINITE_KEY, isUntouched ? '1' : '0');
  return {
    code: known ? (STATUS[cause.code] ?? status.INTERNAL) : status.INTERNAL,
    details: headerText(String((error as Error)?.message ?? error)),
    metadata,
  };
}

/** Text that fits a header: a request may have put anything into the message. */
function headerText(text: string): string {
  return text.slice(0, DETAILS_CHARACTERS).toWellFormed();
}

export interface WireError {
  readonly code: string;
  readonly definite: boolean;
  readonly message: string;
  /** Whether the server, or the way to it, was just not there: sending again may help. */
  readonly isTransient: boolean;
  /** This request changed nothing. An earlier one with the same sequence may have. */
  readonly isRefused: boolean;
  /** Of an ingest: nothing behind what was acknowledged was applied through this stream. */
  readonly isRestUntouched: boolean;
}

const TRANSIENT = new Set(['overloaded', 'shutting-down', 'store-closed', 'stream-idle']);

/** What a client makes of it. An error without the engine's code came from the network. */
export function fromServiceError(error: unknown): WireError {
  const { code, details, metadata } = error as ServiceError;
  const own = metadata?.get?.(CODE_KEY)[0];
  const message = String(details ?? (error as Error)?.message ?? error);
  if (own !== undefined) {
    const definite = metadata.get(DEFINITE_KEY)[0] === '1';
    return {
      code: String(own),
      definite,
      message,
      isTransient: TRANSIENT.has(String(own)),
      isRefused: definite || own === 'session-unknown' || own === 'transaction-unknown',
      isRestUntouched: metadata.get(REST_KEY)[0] === '1',
    };
  }
  const word = status[code]?.toLowerCase().replaceAll('_', '-') ?? 'network';
  const definite = NEVER_BEGAN.some((beginning) => message.startsWith(beginning));
  const isTransient = code === status.UNAVAILABLE || code === status.CANCELLED;
  const isRefused = definite;
  return { code: word, definite, message, isTransient, isRefused, isRestUntouched: definite };
}

/**
 * How gRPC words what it refused before any handler ran, or never sent. Its status codes say less:
 * proxies and broken streams give the same ones to requests that were applied.
 */
const NEVER_BEGAN = [
  'No connection established',
  'Received message larger than max',
  'Received message that decompresses to a size larger',
  'Attempted to send message with a size larger',
  'The server does not implement the method',
];
