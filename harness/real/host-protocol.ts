/**
 * Messages between harness and store host: JSON over the child's IPC channel. Objects of the host (sessions,
 * transactions, graphs) are referred to by handles.
 */
export interface HostRequest {
  readonly id: number;
  /** The object to call; 0 is the store itself. */
  readonly handle: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface HostReply {
  readonly id: number;
  readonly value?: unknown;
  /** A new object, for methods that answer one. */
  readonly handle?: number;
  readonly hasGraph?: boolean;
  /** The process kills itself now. */
  readonly isLast?: true;
  readonly error?: { readonly code: string; readonly definite: boolean; readonly message: string };
}

export interface OpenRequest {
  readonly open: { readonly directory: string; readonly settings: Record<string, unknown> };
}

/** The process kills itself as soon as it has answered this number of commits. */
export interface DieRequest {
  readonly dieAfterCommits: number;
}

export interface OpenReply {
  readonly opened?: { readonly durationMs: number };
  readonly openError?: string;
}
