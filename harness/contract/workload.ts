/**
 * Workload: the operations of clients, and the final reads.
 */
import type { Prng } from '../random/prng.ts';
import type { Need, Session } from './target.ts';

/** An operation to do: `f` names it, `value` is its input and must be plain JSON. */
export interface Invocation {
  readonly f: string;
  readonly value: unknown;
}

export interface GeneratorContext {
  readonly random: Prng;
  /** Unique in the run, ascending. */
  readonly sequence: number;
}

export interface WorkloadInstance {
  /** Writes the initial state, once, into a fresh store. */
  setup(session: Session): Promise<void>;
  next(context: GeneratorContext): Invocation;
  /** Runs the operation. Returns its output (plain JSON). Throws an OperationError; any other error is indeterminate. */
  invoke(session: Session, invocation: Invocation): Promise<unknown>;
  /** Reads after a crash and at the end, for the checkers to judge. */
  readonly finalReads: readonly Invocation[];
}

export interface Workload {
  readonly name: string;
  readonly doc: string;
  /** Capabilities that a target must have. */
  readonly needs: readonly Need[];
  readonly options: Readonly<Record<string, number>>;
  /** Creates an instance; `options` overrides the defaults above by name. */
  create(options: Readonly<Record<string, number>>): WorkloadInstance;
}

export function defineWorkload(workload: Workload): Workload {
  return workload;
}
