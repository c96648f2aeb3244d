/**
 * SimulatedService: the server of a simulated store without its sockets. Calls arrive as values and
 * in virtual time, so each can be doubled, delayed, or left by its client.
 */
import type { OperationError, Settings } from '../../contract/target.ts';

/** One call as its transport sees it. */
export interface ServiceCall {
  readonly patienceMs: number;
  readonly isCancelled: boolean;
}

export interface ServiceReplies extends ServiceCall {
  /** Resolves when the client has taken the reply, or left. */
  send(reply: object): Promise<void>;
}

export interface ServiceRequests extends ServiceReplies {
  /** `undefined` at the end, or when the client left. */
  next(): Promise<object | undefined>;
}

/** What a call rejects with. */
export interface ServiceError extends OperationError {
  /** Of an ingest: batches of the stream that were applied. */
  readonly applied: number;
  /** Of an ingest: nothing behind those was applied. */
  readonly isRestUntouched: boolean;
}

/** Resources that clients hold in the service now, all bounded. */
export interface HeldByClients {
  readonly requests: number;
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly sessions: number;
  readonly transactions: number;
  readonly transactionBytes: number;
  readonly ranges: number;
  readonly ingests: number;
  /** Of the store. */
  readonly snapshots: number;
}

export interface SimulatedService {
  /** Rejects with ServiceError, and nothing else, whatever the request is. */
  call(name: string, request: object, call: ServiceCall): Promise<object>;
  range(request: object, call: ServiceReplies): Promise<void>;
  ingest(call: ServiceRequests): Promise<void>;
  notReady(): string | undefined;
  held(): HeldByClients;
  /** Records of the store that the server keeps for itself. */
  ownRecords(): number;
  /** Refuses everything from here on, and closes the store. */
  stop(): Promise<void>;
}

/** Limits of the server, by name. */
export type ServiceLimits = Readonly<Record<string, number>>;

export interface ServiceSettings {
  readonly store: Settings;
  readonly limits: ServiceLimits;
}
