/**
 * dbcop's history.bincode: little-endian; five numbers (parameters of the generator), three strings
 * (info, begin, end), then sessions of transactions of events (write, variable, value, success). Each
 * transaction has its own success flag. Value 0 is the initial value. A write without success was
 * rolled back; a read without success is ignored (as AWDIT does, src/formats.rs).
 */
import { FormatError, type HistoryFormat, TransactionWriter } from '../format.ts';
import { ByteReader } from './byte-reader.ts';

const PARAMETERS = 5;
const EVENT_BYTES = 1 + 8 + 8 + 1;

export const dbcop: HistoryFormat = {
  name: 'dbcop',
  doc: 'dbcop’s history.bincode (binary)',
  traits: { hasRealTime: false, initialValue: 0, axiomatic: true, workload: 'rw-register' },
  detect(head) {
    try {
      readHeader(new ByteReader(head));
      return head.includes(0);
    } catch {
      return false;
    }
  },
  read(source, visit) {
    const reader = new ByteReader(source.bytes());
    readHeader(reader);
    const writer = new TransactionWriter(visit);
    const sessions = reader.length(8);
    for (let process = 0; process < sessions; process++) {
      const transactions = reader.length(9);
      for (let t = 0; t < transactions; t++) {
        const operations: unknown[] = [];
        const failed: unknown[] = [];
        const events = reader.length(EVENT_BYTES);
        for (let i = 0; i < events; i++) {
          const write = reader.boolean();
          const [key, value] = [reader.long('little'), reader.long('little')];
          const succeeded = reader.boolean();
          if (succeeded) operations.push([write ? 'w' : 'r', key, value]);
          else if (write) failed.push(['w', key, value]);
        }
        writer.add(process, operations, reader.boolean() ? 'ok' : 'fail');
        if (failed.length > 0) writer.add(process, failed, 'fail');
      }
    }
    if (reader.left > 0) throw new FormatError(`byte ${reader.at}: ${reader.left} bytes too many`);
    return {};
  },
};

function readHeader(reader: ByteReader): void {
  for (let i = 0; i < PARAMETERS; i++) {
    const value = reader.long('little');
    if (typeof value !== 'number' || value < 0) throw new FormatError('no parameters of dbcop');
  }
  for (let i = 0; i < 3; i++) reader.text();
}
