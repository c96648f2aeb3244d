/**
 * Cobra's logs: big-endian, a file for each client; a history is a directory of them (`*.log`).
 *
 *     S id   a transaction begins          C id   it commits        A id   it is rolled back
 *     W write key value                    R writing-transaction write key value
 *
 * Versions are identified by the numbers of write and transaction, not by their values; a write number
 * of 0xabddefee means none, and then values identify versions. A read of transaction or write
 * 0xbebeebee, or of 0xdeadbeef (nothing), returns the initial version.
 *
 * Sources: `parse_cobra_history` of AWDIT (src/formats.rs), CobraHistoryLoader of PolySI, and the
 * reader of Cobra's successor, which knows UNIVERSAL_WRITE_ID.
 */
import { FormatError, type HistoryFormat, TransactionWriter } from '../format.ts';
import type { HistorySource } from '../source.ts';
import { ByteReader } from './byte-reader.ts';
import { clientLogs } from './client-logs.ts';

/** Write number of writes that are identified by their values. */
const UNIVERSAL: ReadonlySet<unknown> = new Set([0xabddefee, -1411518482]);
const INITIAL: ReadonlySet<unknown> = new Set([0xbebeebee, 0xdeadbeef, -1094770706, -559038737]);
const RECORD_BYTES: Readonly<Record<string, number>> = { S: 9, C: 9, A: 9, W: 25, R: 33 };

export const cobra: HistoryFormat = {
  name: 'cobra',
  doc: 'Cobra’s logs (binary): a directory with a .log file for each client',
  traits: { hasRealTime: false, axiomatic: false, workload: 'rw-register' },
  detect(head) {
    if (head.length < 9 || head[0] !== 0x53) return false;
    return head.length === 9 || RECORD_BYTES[String.fromCharCode(head[9]!)] !== undefined;
  },
  read(source, visit) {
    const writer = new TransactionWriter(visit);
    for (const [process, file] of clientLogs(source).entries()) readLog(file, process, writer);
    return {};
  },
};

function readLog(source: HistorySource, process: number, writer: TransactionWriter): void {
  const reader = new ByteReader(source.bytes());
  let operations: unknown[] | undefined;
  let id: unknown;
  const fail = (what: string) => new FormatError(`${source.name}, byte ${reader.at - 1}: ${what}`);
  const finish = (type: 'ok' | 'fail' | 'info') => {
    if (operations === undefined) throw fail('a transaction ends that never began');
    writer.add(process, operations, type);
    operations = undefined;
  };
  while (reader.left > 0) {
    const record = String.fromCharCode(reader.byte());
    if (record === 'S') {
      if (operations !== undefined) finish('info');
      id = reader.long('big');
      operations = [];
    } else if (record === 'C' || record === 'A') {
      if (reader.long('big') !== id) throw fail('another transaction ends than began');
      finish(record === 'C' ? 'ok' : 'fail');
    } else if (record === 'W') {
      const [write, key] = [reader.long('big'), reader.long('big')];
      operations?.push(['w', key, versionOf(id, write, reader.long('big'))]);
    } else if (record === 'R') {
      const [from, write, key] = [reader.long('big'), reader.long('big'), reader.long('big')];
      const version = versionOf(from, write, reader.long('big'));
      operations?.push(['r', key, INITIAL.has(from) || INITIAL.has(write) ? null : version]);
    } else throw fail(`no record of Cobra's: ${JSON.stringify(record)}`);
  }
  if (operations !== undefined) finish('info');
}

function versionOf(transaction: unknown, write: unknown, value: unknown): string {
  return UNIVERSAL.has(write) ? `value ${value}` : `${transaction}:${write}`;
}
