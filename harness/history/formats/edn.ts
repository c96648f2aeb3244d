/**
 * Jepsen's history.edn: one map a line, or one vector of maps. Tags of jepsen.independent say that
 * values are pairs of a key and its own value.
 *
 * Porcupine's key-value logs are of this form too, with a `:key` in every map.
 */
import { fieldOf } from '../../contract/value.ts';
import { EdnError, EdnReader } from '../edn.ts';
import { FormatError, type HistoryFormat, headText } from '../format.ts';
import type { HistorySource } from '../source.ts';
import { eventOf } from './events.ts';
import { WithoutProcess } from './without-process.ts';

/** Longer files are read line by line: each has to be a whole event then. */
const WHOLE_MAX_BYTES = 256 << 20;

export const edn: HistoryFormat = {
  name: 'edn',
  doc: 'Jepsen’s history.edn: {:type :ok, :process 0, :f :txn, :value […]}',
  traits: { hasRealTime: true, axiomatic: false },
  detect: (head) => /^(?:[[(][\s,]*)?(?:\{[\s,]*:|#|;|\^|[\])]|\{\s*\})/.test(headText(head)),
  read(source, visit) {
    let index = 0;
    let hasKeys = false;
    const processes = new WithoutProcess();
    const take = (raw: unknown, line: number) => {
      const event = eventOf(raw, index, `line ${line}`, line);
      if (event === undefined) return;
      hasKeys ||= fieldOf(raw, 'key') !== undefined;
      visit(processes.assign(event, `line ${line}`));
      index++;
    };
    const isIndependent = [...readForms(source, take)].some((tag) =>
      tag.startsWith('jepsen.independent'),
    );
    return { ...processes.traits(), ...((hasKeys || isIndependent) && { independent: true }) };
  },
};

function readForms(
  source: HistorySource,
  take: (raw: unknown, line: number) => void,
): ReadonlySet<string> {
  const tags = new Set<string>();
  const readAll = (text: string, first: number) => {
    const reader = new EdnReader(text, first, (tag) => tags.add(tag));
    for (;;) {
      if (reader.nextWithin(take)) continue;
      const next = reader.next();
      if (next === undefined) return;
      take(next.form, next.line);
    }
  };
  try {
    if (source.size() <= WHOLE_MAX_BYTES) readAll(source.text(), 1);
    else source.eachLine(readAll);
  } catch (error) {
    if (error instanceof EdnError) throw new FormatError(error.message);
    throw error;
  }
  return tags;
}
