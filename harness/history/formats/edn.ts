/**
 * Jepsen's history.edn: one map a line, or one vector of maps. Tags are ignored, but for those of
 * jepsen.independent, which say that values are pairs of a key and its own value.
 *
 * Porcupine's key-value logs are of this form too, with a `:key` in every map.
 */
import { EdnError, EdnReader } from '../edn.ts';
import { FormatError, type HistoryFormat, headText } from '../format.ts';
import type { HistorySource } from '../source.ts';
import { eventOf } from './events.ts';

/** Longer files are read line by line: each has to be a whole event then. */
const WHOLE_MAX_BYTES = 256 << 20;

export const edn: HistoryFormat = {
  name: 'edn',
  doc: 'Jepsen’s history.edn: {:type :ok, :process 0, :f :txn, :value […]}',
  traits: { hasRealTime: true, axiomatic: false },
  detect: (head) => /^(?:[[(]\s*)?(?:\{\s*:|#|;|\]|\{\s*\})/.test(headText(head)),
  read(source, visit) {
    let index = 0;
    let hasKeys = false;
    const take = (raw: unknown, place: string) => {
      const event = eventOf(raw, index, place);
      if (event === undefined) return;
      hasKeys ||= (raw as { key?: unknown }).key !== undefined;
      visit(event);
      index++;
    };
    const tags = readForms(source, take);
    return hasKeys || tags.has('jepsen.independent') ? { independent: true } : {};
  },
};

function readForms(
  source: HistorySource,
  take: (raw: unknown, place: string) => void,
): ReadonlySet<string> {
  const tags = new Set<string>();
  const readAll = (text: string, line: number) => {
    const reader = new EdnReader(text, line, (tag) => tags.add(tag.split('/')[0]!));
    for (;;) {
      const next = reader.next();
      if (next === undefined) return;
      const place = `line ${next.line}`;
      if (Array.isArray(next.form)) for (const one of next.form) take(one, place);
      else take(next.form, place);
    }
  };
  try {
    if (source.size() <= WHOLE_MAX_BYTES) readAll(source.text().replace(/^\uFEFF/, ''), 1);
    else source.eachLine(readAll);
  } catch (error) {
    if (error instanceof EdnError) throw new FormatError(error.message);
    throw error;
  }
  return tags;
}
