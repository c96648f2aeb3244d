/** Maps errors of other databases to the harness's, with the one rule that all drivers share. */
import { isOperationError, type OperationError } from '../../contract/target.ts';

/** The session can't be used any more. */
export const DISCONNECTED = 'disconnected';

export class DatabaseError extends Error implements OperationError {
  readonly code: string;
  readonly definite: boolean;

  constructor(code: string, definite: boolean, message: string) {
    super(message);
    this.code = code;
    this.definite = definite;
  }
}

/** For operations that write nothing before their commit: a failure before the commit is definite. */
export function beforeCommit(error: unknown): DatabaseError {
  const known = isOperationError(error) ? error.code : DISCONNECTED;
  return new DatabaseError(known, true, String((error as Error)?.message ?? error));
}

/** Runs the part before the commit. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw beforeCommit(error);
  }
}
