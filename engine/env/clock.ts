/** Clock: the two kinds of time, and a timer. */
export interface Clock {
  /** Wall time, milliseconds since 1970. May jump; used only to label commits. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start. Never goes back; used for ages and durations. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. A pending timer never keeps a process alive. */
  after(delayMs: number, run: () => void): Timer;
  /**
   * Lets others run for about so long. In a world where nothing waits it resolves at once. Keeps a
   * process alive only if `awaited`: somebody waits for what comes after.
   */
  rest(ms: number, awaited: boolean): Promise<void>;
}

export interface Timer {
  cancel(): void;
}
