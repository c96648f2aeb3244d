/**
 * TimeKiller's (Chronos') JSON: an array of transactions, or one a line, with the database's own
 * timestamps: `{"sid":1,"tid":7,"ops":[{"t":"w","k":1,"v":2},…],"sts":{"p":9,"l":0},"cts":{…}}`.
 * Timestamps are numbers, or pairs of a physical and a logical part; they are ranked. Operations are
 * `w` and `r` of registers, or `a` and `r` of lists, where an empty list or null is the initial one
 * (SIKVFastReader and SIListFastReader of FertileFragrance/TimeKiller). The order of the file is
 * each session's order and no order in time.
 */
import { isInteger } from '../../contract/exact-number.ts';
import { textOf } from '../../contract/value.ts';
import { FormatError, type HistoryFormat, headText, TransactionWriter } from '../format.ts';
import { parseJson } from '../json.ts';
import type { HistorySource } from '../source.ts';

export const timeKiller: HistoryFormat = {
  name: 'timekiller',
  doc: 'TimeKiller’s JSON of transactions with timestamps',
  traits: { hasRealTime: false, initialValue: 0, axiomatic: true },
  detect(head) {
    const text = headText(head).slice(0, 4096);
    return (
      /^(?:\[\s*)?\{/.test(text) && /"ops"\s*:/.test(text) && /"(?:sid|cts|sts)"\s*:/.test(text)
    );
  },
  read(source, visit) {
    const all = transactionsIn(source);
    const ranks = ranksOf(all.flatMap(({ start, commit }) => [start, commit]));
    const sessions = new Map<string, number>();
    const writer = new TransactionWriter(visit);
    for (const { session, operations, start, commit, aborted } of all) {
      if (!sessions.has(session)) sessions.set(session, sessions.size);
      const known = start !== undefined && commit !== undefined;
      const stamps = known ? ([ranks.get(start)!, ranks.get(commit)!] as const) : undefined;
      writer.add(sessions.get(session)!, operations, aborted ? 'fail' : 'ok', stamps);
    }
    return {};
  },
};

interface Stamped {
  readonly session: string;
  readonly operations: readonly unknown[];
  readonly start: bigint | undefined;
  readonly commit: bigint | undefined;
  readonly aborted: boolean;
}

function transactionsIn(source: HistorySource): Stamped[] {
  const all: Stamped[] = [];
  const take = (raw: unknown, place: string) => {
    if (typeof raw !== 'object' || raw === null) throw new FormatError(`${place}: no transaction`);
    const { sid, session, ops, operations, sts, cts, start, commit, status } = raw as Record<
      string,
      unknown
    >;
    const list = ops ?? operations;
    if (!Array.isArray(list)) throw new FormatError(`${place}: ops is no list`);
    all.push({
      session: String(sid ?? session ?? 0),
      operations: list.map((one) => operationOf(one, place)),
      start: stampOf(sts ?? start, place),
      commit: stampOf(cts ?? commit, place),
      aborted: /^abort/i.test(String(status ?? '')),
    });
  };
  if (headText(source.head()).startsWith('[')) {
    const list = parseJson(source.text(), 1);
    for (const [i, one] of (list as unknown[]).entries()) take(one, `transaction ${i}`);
  } else source.eachLine((line, number) => take(parseJson(line, number), `line ${number}`));
  return all;
}

function operationOf(raw: unknown, place: string): unknown[] {
  if (Array.isArray(raw)) return raw;
  const { t, type, f, k, key, v, value } = (raw ?? {}) as Record<string, unknown>;
  const kind = String(t ?? type ?? f ?? '').toLowerCase();
  const known = kind.startsWith('w')
    ? 'w'
    : kind.startsWith('r')
      ? 'r'
      : kind.startsWith('a')
        ? 'append'
        : '';
  if (known === '') throw new FormatError(`${place}: ${textOf(raw)} is no operation`);
  return [known, k ?? key, v ?? value ?? null];
}

function stampOf(raw: unknown, place: string): bigint | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw === 'object') {
    const { p, physical, l, logical } = raw as Record<string, number | string>;
    return (BigInt(p ?? physical ?? 0) << 64n) + BigInt(l ?? logical ?? 0);
  }
  if (isInteger(raw)) return BigInt(raw) << 64n;
  if (typeof raw === 'string' && /^-?\d+$/.test(raw)) return BigInt(raw) << 64n;
  throw new FormatError(`${place}: ${textOf(raw)} is no timestamp`);
}

function ranksOf(stamps: readonly (bigint | undefined)[]): Map<bigint, number> {
  const known = [...new Set(stamps.filter((one) => one !== undefined))];
  known.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return new Map(known.map((stamp, rank) => [stamp, rank]));
}
