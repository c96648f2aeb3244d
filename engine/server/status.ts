/**
 * Errors across the wire: a gRPC status for every client in the world, and in the trailing metadata
 * the engine's own code and its `definite` bit, for those that ask.
 */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type ErrorCode, StoreError } from '../errors.ts';

/** What only a server has. */
export type ServerErrorCode =
  | 'deadline-exceeded'
  | 'invalid-request'
  | 'overloaded'
  | 'session-unknown'
  | 'shutting-down'
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

const STATUS: Readonly<Partial<Record<ErrorCode | ServerErrorCode, status>>> = {
  conflict: status.ABORTED,
  corruption: status.DATA_LOSS,
  'deadline-exceeded': status.DEADLINE_EXCEEDED,
  'directory-moved': status.FAILED_PRECONDITION,
  'disk-full': status.RESOURCE_EXHAUSTED,
  'invalid-options': status.INVALID_ARGUMENT,
  'invalid-request': status.INVALID_ARGUMENT,
  'key-empty': status.INVALID_ARGUMENT,
  'key-too-large': status.INVALID_ARGUMENT,
  overloaded: status.RESOURCE_EXHAUSTED,
  'read-only': status.FAILED_PRECONDITION,
  'session-unknown': status.NOT_FOUND,
  'shutting-down': status.UNAVAILABLE,
  'snapshot-too-old': status.OUT_OF_RANGE,
  'store-closed': status.UNAVAILABLE,
  'transaction-finished': status.FAILED_PRECONDITION,
  'transaction-too-large': status.INVALID_ARGUMENT,
  'transaction-unknown': status.NOT_FOUND,
  'value-too-large': status.INVALID_ARGUMENT,
};

const CODE_KEY = 'assay-code';
const DEFINITE_KEY = 'assay-definite';

/** What the server sends for an error; anything unexpected is INTERNAL and indefinite. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const known = error instanceof StoreError || error instanceof ServerError;
  const code = known ? error.code : 'internal';
  const metadata = new Metadata();
  metadata.set(CODE_KEY, code);
  metadata.set(DEFINITE_KEY, known && error.definite ? '1' : '0');
  const details = String((error as Error)?.message ?? error);
  return {
    code: known ? (STATUS[error.code] ?? status.INTERNAL) : status.INTERNAL,
    details,
    metadata,
  };
}

export interface WireError {
  readonly code: string;
  readonly definite: boolean;
  readonly message: string;
  /** Whether the server, or the way to it, was just not there: sending again may help. */
  readonly isTransient: boolean;
}

/** What a client makes of it. An error without the engine's code came from the network. */
export function fromServiceError(error: unknown): WireError {
  const { code, details, metadata } = error as ServiceError;
  const own = metadata?.get(CODE_KEY)[0];
  const message = details ?? String(error);
  if (own !== undefined) {
    const definite = metadata.get(DEFINITE_KEY)[0] === '1';
    const isTransient = own === 'overloaded' || own === 'shutting-down' || own === 'store-closed';
    return { code: String(own), definite, message, isTransient };
  }
  const word = status[code]?.toLowerCase().replaceAll('_', '-') ?? 'network';
  // Without the engine's word: refused by gRPC itself before any handler ran, or never sent.
  const refused =
    code === status.RESOURCE_EXHAUSTED ||
    code === status.UNIMPLEMENTED ||
    code === status.UNAUTHENTICATED ||
    message.startsWith('No connection established');
  const isTransient = code === status.UNAVAILABLE || code === status.CANCELLED;
  return { code: word, definite: refused, message, isTransient };
}
