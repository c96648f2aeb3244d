/**
 * ViperBench's JSON logs, as Viper reads them (construct_all_txns_json and range_utils of
 * Khoury-srg/Viper; JSONMop1 and JSONMop2 of Khoury-srg/ViperBench): a file for each client, a
 * committed transaction a line.
 *
 *     {"value": [["w", key, value, succeeded], ["r", key, value, isDead], …]}
 *     ["d", key, value, read, isDead, succeeded]     reads, then writes a dead value; "i" likewise
 *     ["range", from, to, [{"id": key, "val": value}, …], [dead ones]]       both ends included
 *
 * or with operations as objects: {"opType": "w", "key": …, "value": …, "succ": …}. A value is the hash
 * of a version, 0 that of none. Versions that were loaded before the run are not logged: the one
 * value of a key that was never written is its initial version. A range reads the initial version of each
 * key between its ends that it does not show. Timestamps are the clients' and are not read.
 */
import { compareExact, isExact } from '../../contract/exact-number.ts';
import { keyOf, textOf, type ValueKey } from '../../contract/value.ts';
import {
  FormatError,
  type HistoryFormat,
  headText,
  placeText,
  TransactionWriter,
} from '../format.ts';
import { parseJson } from '../json.ts';
import { clientLogs } from './client-logs.ts';

const BEGIN = /^\{\s*(?:"(?:pre|post)\w+TS"\s*:\s*-?\d+\s*,\s*)*"value"\s*:\s*\[/;

export const viper: HistoryFormat = {
  name: 'viper',
  doc: 'ViperBench’s JSON logs: a transaction a line, a file (of a directory) for each client',
  traits: { hasRealTime: false, axiomatic: false, workload: 'rw-register' },
  detect(head) {
    const line = headText(head).split('\n', 1)[0]!;
    return BEGIN.test(line) && !/"(?:type|process)"\s*:/.test(line);
  },
  read(source, visit) {
    const log = new ViperLog();
    for (const [session, file] of clientLogs(source).entries()) {
      try {
        file.eachLine((line, number) => {
          log.add(session, parseJson(line, number), placeText(number));
        });
      } catch (error) {
        if (!(error instanceof FormatError) || file === source) throw error;
        throw new FormatError(`${file.name}, ${error.message}`);
      }
    }
    log.writeTo(new TransactionWriter(visit));
    return {};
  },
};

interface Range {
  readonly from: unknown;
  readonly to: unknown;
  readonly shown: ReadonlySet<ValueKey>;
}
type Step = readonly ['r' | 'w' | 'failed', key: unknown, value: unknown] | Range;

class ViperLog {
  readonly #transactions: { readonly session: number; readonly steps: readonly Step[] }[] = [];
  /** Keys that somebody wrote. */
  readonly #written = new Map<ValueKey, unknown>();
  readonly #versions = new Set<ValueKey>();
  /** By key: values that were read and have no writer so far. */
  readonly #read = new Map<ValueKey, Map<ValueKey, unknown>>();

  add(session: number, raw: unknown, place: string): void {
    const { value, isInitial } = (raw ?? {}) as Record<string, unknown>;
    if (!Array.isArray(value)) throw new FormatError(`${place}: value is no list of operations`);
    const steps = value.flatMap((one) => stepsOf(one, place));
    if (isInitial === true) return; // its values are the initial versions
    for (const step of steps) {
      if (!isItem(step)) continue;
      const [kind, key, shown] = step;
      if (kind === 'r') this.#note(key, shown);
      else {
        this.#written.set(keyOf(key), key);
        this.#versions.add(keyOf([key, shown]));
      }
    }
    this.#transactions.push({ session, steps });
  }

  writeTo(writer: TransactionWriter): void {
    for (const { session, steps } of this.#transactions) {
      const all = steps.flatMap((step) => (isItem(step) ? [step] : this.#missing(step)));
      const done = all.filter(([kind]) => kind !== 'failed');
      const failed = all.filter(([kind]) => kind === 'failed').map(([, ...rest]) => ['w', ...rest]);
      writer.add(
        session,
        done.map(([kind, key, value]) =>
          kind === 'r' && this.#isInitial(key, value) ? ['r', key, null] : [kind, key, value],
        ),
      );
      if (failed.length > 0) writer.add(session, failed, 'fail');
    }
  }

  #note(key: unknown, value: unknown): void {
    const seen = this.#read.get(keyOf(key)) ?? new Map<ValueKey, unknown>();
    seen.set(keyOf(value), value);
    this.#read.set(keyOf(key), seen);
  }

  /** A key has one initial version. Where several values have no writer, none of them is the initial version. */
  #isInitial(key: unknown, value: unknown): boolean {
    if (this.#versions.has(keyOf([key, value]))) return false;
    if (isNothing(value)) return true;
    const seen = [...this.#read.get(keyOf(key))!.values()];
    return seen.filter((one) => !this.#versions.has(keyOf([key, one]))).length === 1;
  }

  #missing({ from, to, shown }: Range): (readonly ['r', unknown, null])[] {
    return [...this.#written]
      .filter(([name, key]) => !shown.has(name) && isBetween(key, from, to))
      .map(([, key]) => ['r', key, null]);
  }
}

const isItem = (step: Step): step is readonly ['r' | 'w' | 'failed', unknown, unknown] =>
  Array.isArray(step);
const isNothing = (value: unknown) => value === null || value === undefined || value === 0;
const isOpen = (end: unknown) => end === null || end === undefined || end === 'nil';

function isBetween(key: unknown, from: unknown, to: unknown): boolean {
  return (isOpen(from) || !isBelow(key, from)) && (isOpen(to) || !isBelow(to, key));
}

function isBelow(a: unknown, b: unknown): boolean {
  return isExact(a) && isExact(b) ? compareExact(a, b) < 0 : String(a) < String(b);
}

function stepsOf(raw: unknown, place: string): Step[] {
  const fail = () => new FormatError(`${place}: ${textOf(raw)} is no operation of Viper's`);
  const [f, key, ...rest] = Array.isArray(raw) ? raw : fieldsOf(raw);
  const [value] = rest;
  if (f === 'r' && rest.length >= 1) return [['r', key, value]];
  if (f === 'w' && rest.length >= 1) return [[rest[1] === false ? 'failed' : 'w', key, value]];
  if ((f === 'i' || f === 'd') && rest.length >= 4) {
    return [
      ['r', key, rest[1]],
      [rest[3] === false ? 'failed' : 'w', key, value],
    ];
  }
  const [to, live, dead] = rest;
  if (f !== 'range' || !Array.isArray(live) || !Array.isArray(dead)) throw fail();
  const reads = [...live, ...dead].map((one): Step => {
    if (typeof one !== 'object' || one === null) throw fail();
    const { id, val } = one as Record<string, unknown>;
    return ['r', id, val];
  });
  const shown = new Set(reads.map((one) => keyOf((one as readonly unknown[])[1])));
  return [...reads, { from: key, to, shown }];
}

/** Of an operation that is an object, in the order of one that is a list. */
function fieldsOf(raw: unknown): unknown[] {
  const one = (raw ?? {}) as Record<string, unknown>;
  if (one.opType === 'range') return ['range', one.key1, one.key2, one.liveKVs, one.deadKVs];
  if (one.opType === 'r') return ['r', one.key, one.value, one.isDead];
  if (one.opType === 'w') return ['w', one.key, one.value, one.succ];
  return [one.opType, one.key, one.value, one.readValue, one.isDead, one.succ];
}
