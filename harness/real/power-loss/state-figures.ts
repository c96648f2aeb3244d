/** Result of recovering one state after a cut. */
import { NotReadyError } from '../server-process.ts';

const REASON_CHARACTERS = 200;
const FAILURE = /panic|fatal|error|corrupt|invalid|bad |fail/i;

export interface StateFigures {
  readonly lost: number;
  /** 1 when the power went inside the recovery from the cut before. */
  readonly recoveriesCut?: number;
  /** The error of a database that could not be opened or read although it had acknowledged writes. */
  readonly broken?: string;
  /** The same, for a database without acknowledged writes. */
  readonly unopened?: string;
}

/** `hadAny`: whether it had acknowledged writes. Rethrows a timeout, which proves nothing. */
export function failedStart(error: unknown, hadAny: boolean): StateFigures {
  if (error instanceof NotReadyError) throw error;
  const reason = reasonIn(String((error as Error)?.message ?? error));
  return { lost: 0, ...(hadAny ? { broken: reason } : { unopened: reason }) };
}

function reasonIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return text.slice(0, REASON_CHARACTERS);
  const why = lines.findLast((line) => FAILURE.test(line)) ?? lines.at(-1)!;
  const [what] = lines[0]!.split(': ', 1);
  return `${what}: ${why.trim()}`.slice(0, REASON_CHARACTERS);
}
