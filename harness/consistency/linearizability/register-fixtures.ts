/** Histories of one register for tests: drawn at random, some of them not linearizable. */
import fc from 'fast-check';
import type { EventType, HistoryEvent } from '../../contract/history.ts';

const CLIENTS = 3;

const step = fc.record({
  client: fc.nat(CLIENTS - 1),
  f: fc.constantFrom('read', 'write'),
  type: fc.constantFrom<EventType>('ok', 'ok', 'ok', 'ok', 'fail', 'info'),
  /** Which of the values so far a read shows; the last one mostly. */
  back: fc.constantFrom(0, 0, 0, 0, 1, 2, 5),
  isAgain: fc.nat(30),
});

/** Each step begins an operation of a client, or ends the one that it has open. */
export const historyOfRegister = fc.array(step, { maxLength: 24 }).map((steps) => {
  const events: HistoryEvent[] = [];
  const open = new Map<number, { f: string; value: unknown }>();
  const values: unknown[] = [null];
  for (const { client, f, type, back, isAgain } of steps) {
    const index = events.length;
    const running = open.get(client);
    const base = { index, process: client, timeMs: 0 };
    if (running === undefined) {
      const isRepeated = isAgain === 0 && values.length > 1;
      const value = f === 'read' ? null : isRepeated ? values.at(-1) : index + 1;
      if (f === 'write') values.push(value);
      open.set(client, { f, value });
      events.push({ ...base, type: 'invoke', f, value });
      continue;
    }
    open.delete(client);
    const seen = values[Math.max(0, values.length - 1 - back)];
    const value = running.f === 'read' && type === 'ok' ? seen : running.value;
    events.push({ ...base, type, f: running.f, value });
  }
  return events;
});
