/**
 * Call: a request as the service sees it, whatever carried it: gRPC, or the memory of a simulation.
 */
export interface Call {
  /** How long its client waits for the answer, from the call's arrival on. Infinity: forever. */
  readonly patienceMs: number;
  /** The client gave up, its connection broke, or the transport ended the call. */
  readonly isCancelled: boolean;
}

export interface ReplyStream<Reply> extends Call {
  /**
   * Resolves when the transport has taken the reply and has room for another, or when the call is
   * cancelled. Never while the client does not read. Does not reject.
   */
  send(reply: Reply): Promise<void>;
}

export interface RequestStream<Request, Reply> extends ReplyStream<Reply> {
  /** The next request; `undefined` at the end of the stream, or when the call is cancelled. */
  next(): Promise<Request | undefined>;
}
