/**
 * Plume's and PolySI's text: one operation a line, `r(key,value,session,transaction)` or `w(…)`.
 * A session's transactions come in order of appearance. Value 0 that was never written is the initial
 * one. A transaction number below zero is one that was rolled back.
 */
import { exact } from '../../contract/exact-number.ts';
import {
  FormatError,
  type HistoryFormat,
  headText,
  SessionGroups,
  TransactionWriter,
} from '../format.ts';

const OPERATION = /^\s*([rwRW])\s*\(\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*\)\s*$/;

/** Requires: digits. */
const numberOf = (digits: string) => exact(BigInt(digits));

export const plume: HistoryFormat = {
  name: 'plume',
  doc: 'Plume’s and PolySI’s text: r(key,value,session,transaction)',
  traits: { hasRealTime: false, initialValue: 0, axiomatic: true, workload: 'rw-register' },
  detect: (head) => OPERATION.test(headText(head).split('\n')[0] ?? ''),
  read(source, visit) {
    const groups = new SessionGroups();
    const aborted = new SessionGroups();
    source.eachLine((line, number) => {
      const found = OPERATION.exec(line);
      if (found === null) {
        if (line.trim() === '' || line.trimStart().startsWith('#')) return;
        throw new FormatError(
          `line ${number}, column 1: ${JSON.stringify(line)} is no r(key,value,session,transaction)`,
        );
      }
      const [, f, key, value, session, transaction] = found;
      const target = transaction!.startsWith('-') ? aborted : groups;
      target.add(session!, transaction!, [f!.toLowerCase(), numberOf(key!), numberOf(value!)]);
    });
    const writer = new TransactionWriter(visit);
    groups.writeTo(writer, 'ok');
    aborted.writeTo(writer, 'fail');
    return {};
  },
};
