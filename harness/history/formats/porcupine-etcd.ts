/**
 * Jepsen's log lines of an etcd register, as in Porcupine's test data: `INFO  jepsen.util - 4 :invoke
 * :write 3`. A failed compare-and-set is an answer of the register: it held another value.
 */
import type { HistoryEvent } from '../../contract/history.ts';
import { EdnReader } from '../edn.ts';
import { FormatError, type HistoryFormat, headText } from '../format.ts';

const LINE = /jepsen\.\S+\s+-\s+(\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s*(.*)$/;
const CLIENT = /^\d+$/;

export const porcupineEtcd: HistoryFormat = {
  name: 'porcupine-etcd',
  doc: 'Jepsen’s log lines of an etcd register, as Porcupine tests with',
  traits: { hasRealTime: true, axiomatic: false, workload: 'register' },
  detect: (head) => /^\S*\s+jepsen\./m.test(headText(head)),
  read(source, visit) {
    let index = 0;
    source.eachLine((line, number) => {
      const found = LINE.exec(line);
      if (found === null) return; // the log says other things too
      const [, who, type, f, rest] = found as unknown as [
        string,
        string,
        HistoryEvent['type'],
        string,
        string,
      ];
      if (!CLIENT.test(who)) return;
      const value = valueIn(rest, number);
      const refused = type === 'fail' && f === 'cas' && Array.isArray(value);
      const base = { index: index++, process: Number(who), f, timeMs: 0 };
      visit({ ...base, type: refused ? 'ok' : type, value: refused ? false : value });
    });
    return {};
  },
};

function valueIn(text: string, line: number): unknown {
  if (text.trim() === '' || text.trim().startsWith(':timed-out')) return null;
  try {
    return new EdnReader(text).next()?.form ?? null;
  } catch (error) {
    throw new FormatError(`line ${line}: ${(error as Error).message}`);
  }
}
