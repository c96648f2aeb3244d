/** JSON Lines, one event a line (ours, elle-cli's), or one JSON array of events. */
import { FormatError, type HistoryFormat, headText } from '../format.ts';
import { parseJson } from '../json.ts';
import { PollKeys } from '../poll-keys.ts';
import type { HistorySource } from '../source.ts';
import { eventOf } from './events.ts';
import { WithoutProcess } from './without-process.ts';

export const jsonl: HistoryFormat = {
  name: 'jsonl',
  doc: 'one event a line, or an array of events: {"type":"ok","process":0,"f":"txn","value":[…]}',
  traits: { hasRealTime: true, axiomatic: false },
  detect: (head) => /^(?:\[\s*)?(?:\{\s*"|\]|\{\s*\})/.test(headText(head)),
  read(source, visit) {
    let index = 0;
    const polls = new PollKeys();
    const processes = new WithoutProcess();
    const take = (raw: unknown, place: string, line?: number) => {
      const event = eventOf(raw, index, place, line);
      if (event === undefined) return;
      const own = processes.assign(event, place);
      polls.resolve(own, place);
      visit(own);
      index++;
    };
    if (headText(source.head()).startsWith('[')) readArray(source, take);
    else {
      source.eachLine((line, number) => take(parseJson(line, number), `line ${number}`, number));
    }
    return processes.traits();
  },
};

function readArray(source: HistorySource, take: (raw: unknown, place: string) => void): void {
  const all: unknown = parseJson(source.text(), 1);
  if (!Array.isArray(all)) throw new FormatError('line 1: not an array of events');
  for (const [i, one] of all.entries()) take(one, `event ${i}`);
}
