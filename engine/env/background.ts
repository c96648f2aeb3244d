/**
 * Background: runs flush and compaction beside the main thread.
 *
 * A task is plain data. The real world posts it to a worker thread; the simulation steps the same
 * generator between other events. Memory that one side writes is never read by the other before
 * the task is handed over, or after its result is.
 *
 * Lanes go on side by side; within one, tasks run one after the other. Writers wait for flushes and
 * for nothing else, so the machine gives way to them.
 *
 * Contract: `run` rejects when the task failed or its worker died; files a failed task left behind
 * are named by no manifest, so the next recovery removes them.
 */
export type Lane = 'flush' | 'merge';

export interface Background {
  run(task: unknown, lane: Lane): Promise<unknown>;
  /**
   * One like this with workers of its own: each store of an environment closes only its own. Where it
   * is left out they share them.
   */
  another?(): Background;
  /** Ends the workers. Tasks in flight are rejected. */
  close(): Promise<void>;
}

/**
 * The body of a task: yields a promise where it waits for the device, and `undefined` where other
 * work may run in between.
 */
export type TaskSteps<Result> = Generator<Promise<void> | undefined, Result, void>;

/**
 * Runs a task's steps to the end, calling `pause` where other work may run. The task is told what
 * failed while it waited, so that it closes and removes what it made.
 */
export async function driveSteps<Result>(
  steps: TaskSteps<Result>,
  pause?: () => Promise<void>,
): Promise<Result> {
  let step = steps.next();
  while (step.done !== true) {
    let failure: { readonly error: unknown } | undefined;
    try {
      if (step.value !== undefined) await step.value;
      else if (pause !== undefined) await pause();
    } catch (error) {
      failure = { error };
    }
    step = failure === undefined ? steps.next() : steps.throw(failure.error);
  }
  return step.value;
}
