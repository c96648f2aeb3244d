/**
 * AWDIT's text format, as its reader accepts it (`parse_test_history` in src/formats.rs of
 * lassemoldrup/AWDIT, 2025):
 *
 *     r 1 1        one operation a line: r or w, key, value, both whole numbers
 *     w 2 5
 *     -----        dashes end a transaction
 *     w 0 0
 *     =====        equals signs end a session
 *
 * Repeated dashes or equals signs make no empty transactions or sessions. There is no initial
 * transaction, no abort and no comment: a value that was never written is a thin-air read.
 */
import { exact } from '../../contract/exact-number.ts';
import { FormatError, type HistoryFormat, headText, TransactionWriter } from '../format.ts';

const OPERATION = /^\s*([rw])\s+(\d+)\s+(\d+)\s*$/;
const SEPARATOR = /^[\s=-]*$/;

export const awdit: HistoryFormat = {
  name: 'awdit',
  doc: 'AWDIT’s text: r key value, w key value; ----- ends a transaction, ===== a session',
  traits: { hasRealTime: false, axiomatic: true, workload: 'rw-register' },
  detect: (head) =>
    headText(head)
      .split('\n', 2)
      .every((line) => OPERATION.test(line) || SEPARATOR.test(line)) &&
    /[rw=-]/.test(headText(head)),
  read(source, visit) {
    const writer = new TransactionWriter(visit);
    let session = 0;
    let isEmpty = true;
    let operations: unknown[] = [];
    const endTransaction = () => {
      if (operations.length === 0) return;
      writer.add(session, operations);
      operations = [];
      isEmpty = false;
    };
    const endSession = () => {
      endTransaction();
      if (!isEmpty) session++;
      isEmpty = true;
    };
    source.eachLine((line, number) => {
      const found = OPERATION.exec(line);
      if (found !== null) {
        const [, f, key, value] = found;
        operations.push([f, exact(BigInt(key!)), exact(BigInt(value!))]);
        return;
      }
      const bad = /[^\s=-]/.exec(line);
      if (bad !== null) {
        const place = `line ${number}, column ${bad.index + 1}`;
        throw new FormatError(
          `${place}: ${JSON.stringify(line.trim())} is no r or w with key and value`,
        );
      }
      if (line.includes('=')) endSession();
      else if (line.includes('-')) endTransaction();
    });
    endSession();
    return {};
  },
};
