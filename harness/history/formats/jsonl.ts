/** JSON Lines, one event per line (Assay's, elle-cli's), or one JSON array of events. */
import { FormatError, type HistoryFormat, headText, type Place } from '../format.ts';
import { parseJson } from '../json.ts';
import { PollKeys } from '../poll-keys.ts';
import { QuickJson } from '../quick-json.ts';
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
    const take = (raw: unknown, place: Place) => {
      const event = eventOf(raw, index, place);
      if (event === undefined) return;
      const own = processes.assign(event, place);
      polls.resolve(own, place);
      visit(own);
      index++;
    };
    if (headText(source.head()).startsWith('[')) readArray(source, take);
    else readLines(source, take);
    return processes.traits();
  },
};

function readLines(source: HistorySource, take: (raw: unknown, place: Place) => void): void {
  const quick = new QuickJson();
  source.eachLineOfBytes(({ bytes, start, end, number }) => {
    const event = quick.read(bytes, start, end);
    take(event ?? parseJson(bytes.toString('utf8', start, end), number), number);
  });
}

function readArray(source: HistorySource, take: (raw: unknown, place: Place) => void): void {
  const all: unknown = parseJson(source.text(), 1);
  if (!Array.isArray(all)) throw new FormatError('line 1: not an array of events');
  for (const [i, one] of all.entries()) take(one, `event ${i}`);
}
