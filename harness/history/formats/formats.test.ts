import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../../consistency/offline/check-history.ts';
import type { HistoryEvent } from '../../contract/history.ts';
import { detectFormat, FORMATS, FormatError, HistorySource, readHistory } from '../read-history.ts';

const read = (source: HistorySource) => {
  const events: HistoryEvent[] = [];
  const traits = readHistory(source, detectFormat(source), (event) => events.push(event));
  return { events, traits };
};

/** What was committed or rolled back, session by session. */
const transactions = (source: HistorySource) =>
  read(source)
    .events.filter(({ type }) => type !== 'invoke')
    .map(({ process, type, value }) => [process, type, value]);

const long = (value: number, order: 'little' | 'big') => {
  const bytes = Buffer.alloc(8);
  if (order === 'little') bytes.writeBigInt64LE(BigInt(value));
  else bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

/** dbcop's bytes of sessions of transactions: [success, [write, key, value][]]. */
function dbcopBytes(sessions: [boolean, [boolean, number, number][]][][]): Buffer {
  const le = (value: number) => long(value, 'little');
  const text = (value: string) => [le(value.length), Buffer.from(value)];
  return Buffer.concat([
    ...[1, 3, 2, 2, 2].map(le),
    ...text('generated'),
    ...text('2019-05-01T10:00:00+02:00'),
    ...text('2019-05-01T10:00:01+02:00'),
    le(sessions.length),
    ...sessions.flatMap((all) => [
      le(all.length),
      ...all.flatMap(([success, events]) => [
        le(events.length),
        ...events.flatMap(([write, key, value]) => [
          Buffer.from([write ? 1 : 0]),
          le(key),
          le(value),
          Buffer.from([1]),
        ]),
        Buffer.from([success ? 1 : 0]),
      ]),
    ]),
  ]);
}

const record = (kind: string, ...numbers: number[]) =>
  Buffer.concat([Buffer.from(kind), ...numbers.map((one) => long(one, 'big'))]);

describe('formats, found out by their content', () => {
  it("Plume's and PolySI's text", () => {
    const text = 'w(1,10,0,7)\nr(2,0,0,7)\nr(1,10,1,8)\nw(2,20,0,9)\n';
    expect(transactions(HistorySource.ofText(text))).toEqual([
      [
        0,
        'ok',
        [
          ['w', 1, 10],
          ['r', 2, 0],
        ],
      ],
      [0, 'ok', [['w', 2, 20]]],
      [1, 'ok', [['r', 1, 10]]],
    ]);
    expect(checkHistory(HistorySource.ofText(text))).toMatchObject({
      format: 'plume',
      validity: 'valid',
      level: 'strong-session-serializable',
    });
  });

  it.each([
    ['w 0 1\nr 1 0\n---\nr 0 1\n===\nw 1 2'],
    ['w 0 1\r\nr 1 0\r\n-----\r\n-\r\nr 0 1\r\n-\r\n=====\r\n=\r\nw 1 2\r\n'],
    ['\n  w 0 1\n  r 1 0\n - -\nr 0 1\n\n= =\n\nw 1 2\n\n-----\n=====\n'],
  ])("AWDIT's text: %j", (text) => {
    expect(transactions(HistorySource.ofText(text))).toEqual([
      [
        0,
        'ok',
        [
          ['w', 0, 1],
          ['r', 1, 0],
        ],
      ],
      [0, 'ok', [['r', 0, 1]]],
      [1, 'ok', [['w', 1, 2]]],
    ]);
  });

  it("AWDIT's text names the place of what is no operation", () => {
    const read = () => transactions(HistorySource.ofText('w 0 1\n---\nw x 2'));
    expect(read).toThrow('line 3, column 1');
  });

  it("dbcop's bytes", () => {
    const bytes = dbcopBytes([
      [
        [
          true,
          [
            [true, 0, 1],
            [false, 1, 0],
          ],
        ],
        [false, [[true, 1, 5]]],
      ],
      [[true, [[false, 0, 1]]]],
    ]);
    expect(transactions(HistorySource.ofBytes(bytes))).toEqual([
      [
        0,
        'ok',
        [
          ['w', 0, 1],
          ['r', 1, 0],
        ],
      ],
      [0, 'fail', [['w', 1, 5]]],
      [1, 'ok', [['r', 0, 1]]],
    ]);
    for (let size = 0; size < bytes.length; size++) {
      const cut = HistorySource.ofBytes(bytes.subarray(0, size));
      expect(checkHistory(cut).validity).toBe('unknown');
    }
  });

  it("Cobra's logs, a directory of them", () => {
    const directory = mkdtempSync(join(tmpdir(), 'assay-cobra-'));
    const first = [record('S', 1), record('W', 11, 5, 99), record('C', 1)];
    const second = [
      record('S', 2),
      record('R', 1, 11, 5, 99),
      record('R', 0xbebeebee, 0xbebeebee, 6, 0),
      record('C', 2),
      record('S', 3),
      record('W', 12, 5, 99),
    ];
    writeFileSync(join(directory, 'T1.log'), Buffer.concat(first));
    writeFileSync(join(directory, 'T2.log'), Buffer.concat(second));
    expect(transactions(HistorySource.ofFile(directory))).toEqual([
      [0, 'ok', [['w', 5, '1:11']]],
      [
        1,
        'ok',
        [
          ['r', 5, '1:11'],
          ['r', 6, null],
        ],
      ],
      [1, 'info', [['w', 5, '3:12']]],
    ]);
  });

  it("TimeKiller's JSON, with its timestamps", () => {
    const one = (sid: number, tid: number, start: number, commit: number, ops: unknown[]) => ({
      sid,
      tid,
      sts: { p: start, l: 0 },
      cts: { p: commit, l: 1 },
      ops,
    });
    const write = (k: number, v: number) => ({ t: 'w', k, v });
    const readOf = (k: number, v: number | null) => ({ t: 'r', k, v });
    const good = [one(1, 1, 10, 20, [write(1, 1)]), one(2, 2, 30, 30, [readOf(1, 1)])];
    const check = (history: unknown) => checkHistory(HistorySource.ofText(JSON.stringify(history)));
    expect(check(good)).toMatchObject({
      format: 'timekiller',
      level: 'si-timestamped',
      validity: 'valid',
    });
    const stale = [good[0], one(2, 2, 30, 30, [readOf(1, null)])];
    const found = check(stale);
    expect(found.validity).toBe('invalid');
    expect([...found.timestamps!.anomalies.keys()]).toEqual(['snapshot-timestamp']);
    expect(found.report!.levels.status.get('strong-session-snapshot-isolation')).toBe('holds');
    const overlap = [good[0], one(2, 2, 15, 40, [write(1, 2)])];
    expect([...check(overlap).timestamps!.anomalies.keys()]).toEqual(['write-overlap']);
    const back = [good[0], one(1, 2, 12, 40, [write(2, 2)])];
    expect([...check(back).timestamps!.anomalies.keys()]).toEqual(['session-timestamp']);
  });

  it("Jepsen's log lines of etcd, with a compare-and-set that the register refused", () => {
    const log = (refused: string) => `INFO  jepsen.util - 0	:invoke	:write	1
INFO  jepsen.util - 0	:ok	:write	1
INFO  jepsen.util - :nemesis	:info	:start	nil
INFO  jepsen.util - 1	:invoke	:cas	${refused}
INFO  jepsen.util - 1	:fail	:cas	${refused}
INFO  jepsen.util - 2	:invoke	:read	nil
INFO  jepsen.util - 2	:info	:read	:timed-out`;
    expect(checkHistory(HistorySource.ofText(log('[3 4]')))).toMatchObject({
      format: 'porcupine-etcd',
      workload: 'register',
      validity: 'valid',
    });
    expect(checkHistory(HistorySource.ofText(log('[1 4]'))).validity).toBe('invalid');
  });

  it("Porcupine's key-value logs", () => {
    const log = (shown: string) => `{:process 0, :type :invoke, :f :append, :key "9", :value "x"}
{:process 0, :type :ok, :f :append, :key "9", :value "x"}
{:process 1, :type :invoke, :f :get, :key "9", :value nil}
{:process 1, :type :ok, :f :get, :key "9", :value "${shown}"}`;
    expect(checkHistory(HistorySource.ofText(log('x')))).toMatchObject({
      workload: 'key-value',
      validity: 'valid',
    });
    expect(checkHistory(HistorySource.ofText(log('')))).toMatchObject({ validity: 'invalid' });
  });

  it("Jepsen's tuples of independent keys", () => {
    const text = (
      value: number,
    ) => `{:type :invoke, :f :write, :value #jepsen.independent/Tuple [1 5], :process 0}
{:type :ok, :f :write, :value #jepsen.independent/Tuple [1 5], :process 0}
{:type :invoke, :f :read, :value #jepsen.independent/Tuple [1 nil], :process 0}
{:type :ok, :f :read, :value #jepsen.independent/Tuple [1 ${value}], :process 0}`;
    expect(checkHistory(HistorySource.ofText(text(5))).validity).toBe('valid');
    expect(checkHistory(HistorySource.ofText(text(6))).validity).toBe('invalid');
  });

  it('by name as well', () => {
    expect([...FORMATS.keys()]).toContain('elle-json');
    const text = '{"type":"ok"';
    expect(() => FORMATS.get('plume')!.read(HistorySource.ofText(text), () => {})).toThrow(
      FormatError,
    );
  });

  it('end on any bytes with events or an error, never valid by accident', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...FORMATS.values()),
        (bytes, format) => {
          const { validity } = checkHistory(HistorySource.ofBytes(bytes), { format });
          expect(validity).not.toBe('invalid');
        },
      ),
      { numRuns: 3000 },
    );
  });
});
