/**
 * Jepsen's history.edn: one map per line, or one vector of maps. Tags of jepsen.independent mark values
 * as [key, value] pairs.
 *
 * Porcupine's key-value logs have this form too, with a `:key` in every map.
 */
import { fieldOf } from '../../contract/value.ts';
import { EdnError, EdnReader } from '../edn.ts';
import { FormatError, type HistoryFormat, headText } from '../format.ts';
import { QuickEdn } from '../quick-edn.ts';
import type { HistorySource, LineOfBytes } from '../source.ts';
import { eventOf } from './events.ts';
import { WithoutProcess } from './without-process.ts';

/** Files above this size are read line by line; each line must then be a whole event. */
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
      const event = eventOf(raw, index, line);
      if (event === undefined) return;
      hasKeys ||= fieldOf(raw, 'key') !== undefined;
      visit(processes.assign(event, line));
      index++;
    };
    const isIndependent = [...readForms(source, take)].some((tag) =>
      tag.startsWith('jepsen.independent'),
    );
    return { ...processes.traits(), ...((hasKeys || isIndependent) && { independent: true }) };
  },
};

/** Consumes the forms in order; returns the tags that occur. */
function readForms(
  source: HistorySource,
  take: (raw: unknown, line: number) => void,
): ReadonlySet<string> {
  const tags = new Set<string>();
  const onTag = (tag: string) => tags.add(tag);
  const quick = new QuickEdn();
  try {
    source.eachLineOfBytes((line) => {
      const event = quick.read(line.bytes, line.start, line.end);
      if (event !== undefined) return take(event, line.number);
      const forms = formsOf(line, onTag);
      if (forms === undefined) throw new FormOfManyLines(line.number);
      for (const { form, line: own } of forms) take(form, own);
    });
  } catch (error) {
    if (error instanceof EdnError) throw new FormatError(error.message);
    if (!(error instanceof FormOfManyLines)) throw error;
    readFrom(error.line, source, take, onTag);
  }
  return tags;
}

/**
 * Thrown when a form begins in this line and ends in a later one: line-by-line reading is then
 * impossible.
 */
class FormOfManyLines extends Error {
  readonly line: number;

  constructor(line: number) {
    super(`line ${line}: a form does not end in its line`);
    this.line = line;
  }
}

/**
 * The forms of a line; `undefined` if they are incomplete or not EDN. A line that parses on its own has
 * the same forms as within the whole text, because a form that does not end in its line is an error
 * here.
 */
function formsOf({ bytes, start, end, number }: LineOfBytes, onTag: (tag: string) => void) {
  const tags: string[] = [];
  const reader = new EdnReader(bytes.toString('utf8', start, end), number, (tag) => tags.push(tag));
  const forms: { readonly form: unknown; readonly line: number }[] = [];
  try {
    for (;;) {
      if (reader.nextWithin((form, line) => forms.push({ form, line }))) continue;
      const next = reader.next();
      if (next === undefined) break;
      forms.push(next);
    }
  } catch (error) {
    if (error instanceof EdnError) return undefined;
    throw error;
  }
  tags.forEach(onTag);
  return forms;
}

/** Consumes the forms from the start of a line on. */
function readFrom(
  first: number,
  source: HistorySource,
  take: (raw: unknown, line: number) => void,
  onTag: (tag: string) => void,
): void {
  const readAll = (text: string, line: number) => {
    const reader = new EdnReader(text, line, onTag);
    for (;;) {
      if (reader.nextWithin(take)) continue;
      const next = reader.next();
      if (next === undefined) return;
      take(next.form, next.line);
    }
  };
  try {
    if (source.size() <= WHOLE_MAX_BYTES) readAll(textFrom(source.text(), first), first);
    else {
      source.eachLine((text, line) => {
        if (line >= first) readAll(text, line);
      });
    }
  } catch (error) {
    if (error instanceof EdnError) throw new FormatError(error.message);
    throw error;
  }
}

function textFrom(text: string, line: number): string {
  let start = 0;
  for (let number = 1; number < line; number++) start = text.indexOf('\n', start) + 1;
  return text.slice(start);
}
