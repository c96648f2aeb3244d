/**
 * The wire: `store.proto` as gRPC sees it, and its messages as TypeScript sees them.
 *
 * Bytes are Buffers; 64-bit numbers are safe integers, as all of the engine's are.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Once {
  readonly session: Uint8Array;
  readonly sequence: number;
  readonly answeredBelow: number;
}

export interface Change {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly remove: boolean;
}

export interface Committed {
  readonly timestamp: number;
  readonly repeated: boolean;
}

export interface WireRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Request and reply of each call. `once` is null where the client sent none. */
export interface Calls {
  OpenSession: { request: object; reply: { id: Uint8Array; idleMs: number } };
  CloseSession: { request: { id: Uint8Array }; reply: object };
  Get: {
    request: { key: Uint8Array; transaction: string };
    reply: { found: boolean; value: Uint8Array };
  };
  Range: {
    request: {
      from: Uint8Array;
      to: Uint8Array;
      prefix: Uint8Array;
      reverse: boolean;
      limit: number;
      transaction: string;
    };
    reply: { records: readonly WireRecord[] };
  };
  Put: {
    request: { key: Uint8Array; value: Uint8Array; transaction: string; once: Once | null };
    reply: Committed;
  };
  Delete: {
    request: { key: Uint8Array; transaction: string; once: Once | null };
    reply: Committed;
  };
  Batch: {
    request: { changes: readonly Change[]; transaction: string; once: Once | null };
    reply: Committed;
  };
  Begin: { request: { deadlineMs: number }; reply: { id: string } };
  Commit: { request: { transaction: string; once: Once | null }; reply: Committed };
  Rollback: { request: { id: string }; reply: object };
  Ingest: {
    request: { changes: readonly Change[]; transaction: string; once: Once | null };
    reply: Committed;
  };
  Checkpoint: { request: object; reply: Committed };
  Verify: {
    request: object;
    reply: {
      problems: readonly { file: string; offset: number; what: string }[];
      runs: number;
      blocks: number;
      records: number;
      logFrames: number;
    };
  };
  Stats: {
    request: object;
    reply: {
      figures: Readonly<Record<string, number>>;
      maintenanceFailure: string;
      logFailure: string;
    };
  };
}

export type CallName = keyof Calls;

/** Beside the source; a published package has it there too. */
function protoPath(): string {
  const beside = fileURLToPath(new URL('./store.proto', import.meta.url));
  const inSource = fileURLToPath(new URL('../../../engine/server/store.proto', import.meta.url));
  return existsSync(beside) ? beside : inSource;
}

export const STORE_SERVICE = loadSync(protoPath(), {
  longs: Number,
  defaults: true,
  oneofs: true,
})['assay.store.v1.Store'] as unknown as ServiceDefinition;

/** What a request holds in memory, about. */
export function bytesOf(request: object): number {
  const { key, value, changes } = request as {
    readonly key?: Uint8Array;
    readonly value?: Uint8Array;
    readonly changes?: readonly Change[];
  };
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const change of changes ?? []) bytes += change.key.length + change.value.length;
  return bytes;
}
