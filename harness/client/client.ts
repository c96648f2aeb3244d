/**
 * Client: one process of a run. Invokes operations one after the other and records their completions. After an
 * indeterminate completion it continues under a new process number, as Jepsen does.
 */
import { isOperationError, type Session } from '../contract/target.ts';
import type { Invocation, WorkloadInstance } from '../contract/workload.ts';
import type { Recorder } from '../history/recorder.ts';

export interface ClientParts {
  readonly session: Session;
  readonly workload: WorkloadInstance;
  readonly recorder: Recorder;
  /** Returns an unused process number. */
  newProcess(): number;
}

export class Client {
  readonly #parts: ClientParts;
  #process: number;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#process = parts.newProcess();
  }

  /** Answers how it ended. Never throws for what the target does. */
  async do(invocation: Invocation): Promise<'ok' | 'fail' | 'info'> {
    const { recorder, session, workload, newProcess } = this.#parts;
    const { f, value } = invocation;
    recorder.record('invoke', this.#process, f, value);
    try {
      const output = await workload.invoke(session, invocation);
      recorder.record('ok', this.#process, f, output);
      return 'ok';
    } catch (error) {
      const known = isOperationError(error);
      const type = known && error.definite ? 'fail' : 'info';
      const code = known ? error.code : String((error as Error)?.message ?? error);
      recorder.record(type, this.#process, f, code);
      if (type === 'info') this.#process = newProcess();
      return type;
    }
  }
}
