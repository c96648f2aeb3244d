/**
 * The engine's errors: values with a stable code and a `definite` bit.
 *
 * `definite: true` means that the operation surely did not happen and never will. Anything else
 * may have happened, or may yet: a checker has to keep both outcomes possible.
 */
export type ErrorCode =
  | 'conflict'
  | 'corruption'
  | 'directory-moved'
  | 'disk-full'
  | 'edge-exists'
  | 'edge-missing'
  | 'format-foreign'
  | 'format-newer'
  | 'invalid-argument'
  | 'invalid-options'
  | 'io'
  | 'key-empty'
  | 'key-too-large'
  | 'read-only'
  | 'snapshot-too-old'
  | 'store-closed'
  | 'store-failed'
  | 'store-locked'
  | 'store-missing'
  | 'transaction-finished'
  | 'transaction-too-large'
  | 'value-too-large'
  | 'vertex-exists'
  | 'vertex-has-edges'
  | 'vertex-missing';

/** Fields of an error besides its message. */
export interface ErrorDetails {
  readonly file?: string;
  /** Byte offset within `file`. */
  readonly offset?: number;
  /** For `conflict`: the commit that stands in the way; a retry after it is durable can win. */
  readonly blockingTimestamp?: number;
  readonly cause?: unknown;
}

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: ErrorCode;
  readonly definite: boolean;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, definite: boolean, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.definite = definite;
    this.details = details;
  }
}

/**
 * Makes an error that has no stack: for those that are common and say all there is to say. Taking a
 * stack costs several microseconds.
 */
export function withoutStack(make: () => StoreError): StoreError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Damage in bytes that the store had acknowledged as durable. Names the file and the offset. */
export function corruption(file: string, offset: number, what: string): StoreError {
  return new StoreError('corruption', `${file} is damaged at byte ${offset}: ${what}`, true, {
    file,
    offset,
  });
}

export function isStoreError(error: unknown, code?: ErrorCode): error is StoreError {
  return error instanceof StoreError && (code === undefined || error.code === code);
}

/** Asserts an invariant. Enabled in production. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Ends an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
