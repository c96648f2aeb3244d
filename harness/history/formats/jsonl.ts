/** JSON Lines, one event a line (ours, elle-cli's), or one JSON array of events. */
import { FormatError, type HistoryFormat, headText } from '../format.ts';
import type { HistorySource } from '../source.ts';
import { eventOf } from './events.ts';

export const jsonl: HistoryFormat = {
  name: 'jsonl',
  doc: 'one event a line, or an array of events: {"type":"ok","process":0,"f":"txn","value":[…]}',
  traits: { hasRealTime: true, axiomatic: false },
  detect: (head) => /^(?:\[\s*)?(?:\{\s*"|\]|\{\s*\})/.test(headText(head)),
  read(source, visit) {
    let index = 0;
    const take = (raw: unknown, place: string) => {
      const event = eventOf(raw, index, place);
      if (event === undefined) return;
      visit(event);
      index++;
    };
    if (headText(source.head()).startsWith('[')) readArray(source, take);
    else source.eachLine((line, number) => take(parse(line, number), `line ${number}`));
    return {};
  },
};

function readArray(source: HistorySource, take: (raw: unknown, place: string) => void): void {
  const text = source.text().replace(/^\uFEFF/, '');
  const all: unknown = parse(text, 1);
  if (!Array.isArray(all)) throw new FormatError('line 1: not an array of events');
  for (const [i, one] of all.entries()) take(one, `event ${i}`);
}

/** `line`: where the text begins. Throws FormatError with line and column. */
export function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const before = text.slice(0, at).split('\n');
    const place = `line ${line + before.length - 1}, column ${before.at(-1)!.length + 1}`;
    throw new FormatError(`${place}: not JSON (${message})`);
  }
}
