/**
 * Run header: the first line of a history that Assay writes. It looks like an event of a process
 * that is no client, so every reader passes over it; ours takes from it how the run was judged.
 */
import { fieldOf } from '../contract/value.ts';
import { EdnReader } from './edn.ts';
import type { RunHeader } from './format.ts';

const PROCESS = 'assay';
const FUNCTION = 'run';

export function runHeaderLine({ workload, checkers }: RunHeader): string {
  const value = { workload, checkers };
  return `${JSON.stringify({ type: 'info', process: PROCESS, f: FUNCTION, value, time: 0 })}\n`;
}

/** As EDN, for histories that are converted. */
export function runHeaderForm({ workload, checkers }: RunHeader): string {
  const names = checkers.map((name) => JSON.stringify(name)).join(' ');
  return `{:type :info, :process "${PROCESS}", :f :${FUNCTION}, :value {:workload ${JSON.stringify(workload)}, :checkers [${names}]}, :time 0}\n`;
}

/** Of the beginning of a history; `undefined` when another tool wrote it. */
export function runHeaderIn(head: Buffer): RunHeader | undefined {
  const line = head.toString('utf8', 0, HEADER_BYTES_MAX).split('\n', 1)[0]!;
  if (!line.includes(`"${PROCESS}"`)) return undefined;
  try {
    return headerOf(line.startsWith('{"') ? JSON.parse(line) : new EdnReader(line).next()?.form);
  } catch {
    return undefined;
  }
}

const HEADER_BYTES_MAX = 4096;

function headerOf(event: unknown): RunHeader | undefined {
  const f = fieldOf(event, 'f');
  if (fieldOf(event, 'process') !== PROCESS || (f !== FUNCTION && f !== `:${FUNCTION}`)) {
    return undefined;
  }
  const value = fieldOf(event, 'value');
  const [workload, checkers] = [fieldOf(value, 'workload'), fieldOf(value, 'checkers')];
  if (typeof workload !== 'string' || !Array.isArray(checkers)) return undefined;
  return { workload, checkers: checkers.filter((name) => typeof name === 'string') };
}
