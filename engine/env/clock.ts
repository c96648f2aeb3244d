/** Clock: the two kinds of time, and a timer. */
export interface Clock {
  /** Wall time, milliseconds since 1970. May jump; used only to label commits. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start. Never goes back; used for ages and durations. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`. A pending timer never keeps a process alive. */
  after(delayMs: number, run: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}
