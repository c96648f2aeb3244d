/**
 * Header: a line that Assay writes before the events of a history. It has the form of an event of a
 * non-client process, so every reader skips it.
 */
import { fieldOf } from '../contract/value.ts';
import { EdnReader } from './edn.ts';

const PROCESS = 'assay';
const HEADER_BYTES_MAX = 4096;

/** The header as JSON; `f` names its subject. */
export function headerLine(f: string, value: object): string {
  return `${JSON.stringify({ type: 'info', process: PROCESS, f, value, time: 0 })}\n`;
}

/** The header as EDN; `value` is the text of a map. */
export function headerForm(f: string, value: string): string {
  return `{:type :info, :process "${PROCESS}", :f :${f}, :value ${value}, :time 0}\n`;
}

/** The value of the header named `f` at the start of a history, if there is one. */
export function headerValueIn(head: Buffer, f: string): unknown {
  const line = head.toString('utf8', 0, HEADER_BYTES_MAX).split('\n', 1)[0]!;
  if (!line.includes(`"${PROCESS}"`)) return undefined;
  try {
    const event = line.startsWith('{"') ? JSON.parse(line) : new EdnReader(line).next()?.form;
    const name = fieldOf(event, 'f');
    const isOurs = fieldOf(event, 'process') === PROCESS && (name === f || name === `:${f}`);
    return isOurs ? fieldOf(event, 'value') : undefined;
  } catch {
    return undefined;
  }
}
