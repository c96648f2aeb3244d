/**
 * Workload: what clients do, and how to read afterwards what became of it.
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
  /** Makes the initial state, once, in a fresh store. */
  setup(session: Session): Promise<void>;
  next(context: GeneratorContext): Invocation;
  /** Does it. Answers the output (plain JSON); throws an OperationError, or anything else. */
  invoke(session: Session, invocation: Invocation): Promise<unknown>;
  /** What to read after a crash and at the end, so that checkers have something to judge. */
  readonly finalReads: readonly Invocation[];
}

export interface Workload {
  readonly name: string;
  readonly doc: string;
  /** Capabilities that a target must have. */
  readonly needs: readonly Need[];
  readonly options: Readonly<Record<string, number>>;
  /** Makes an instance; `options` overrides the defaults above by name. */
  create(options: Readonly<Record<string, number>>): WorkloadInstance;
}

export function defineWorkload(workload: Workload): Workload {
  return workload;
}
