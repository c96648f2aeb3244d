/** Small histories that other tools' users and ours stumbled over, each with its right verdict. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Validity } from '../../contract/verdict.ts';
import {
  detectFormat,
  FormatError,
  HistorySource,
  readHistory,
} from '../../history/read-history.ts';
import { WRITTEN_FORMATS, writeEvent } from '../../history/write-history.ts';
import { checkHistory } from './check-history.ts';

const FOLDER = new URL('./fixtures/', import.meta.url).pathname;

/** What the verdict is, and what its reasons or anomalies tell; `workload` where it was named. */
type Right = readonly [validity: Validity, tells?: string, workload?: string];

const CASES: Readonly<Record<string, Right>> = {
  'future-read.edn': ['invalid', 'future-read'],
  'swapped.edn': ['invalid', 'fractured-read-inferred'],
  'session-cycle.edn': ['invalid', 'G1c-process'],
  'list-future-read.edn': ['invalid', 'future-read'],
  'future-other-element.edn': ['invalid', 'future-read'],
  'future-predicate.jsonl': ['invalid', 'future-read'],
  'internal-truncated.edn': ['invalid'],
  'no-f.edn': ['invalid', 'G2-item'],
  'session-si.edn': ['invalid'],
  'process0.edn': ['invalid', 'G-single'],
  'internal-ok.edn': ['valid'],
  'garbage.edn': ['invalid', 'garbage-read'],
  'interleaved.jsonl': ['invalid'],
  'drain-exhausted.edn': ['unknown', 'line 3'],
  'drain-crashed-then-empty.edn': ['unknown', 'the drain crashed'],
  'drain-crashed-partial.edn': ['unknown', 'after it showed [1]'],
  'drain-nil.edn': ['unknown', 'line 3'],
  'queue-nothing-happened.edn': ['unknown', 'nothing to check'],
  'failed-add-seen.edn': ['invalid'],
  'decrement.edn': ['valid'],
  'counter-read-nil.edn': ['unknown', 'line 3', 'counter'],
  'counter-read-text.jsonl': ['unknown', 'no number'],
  'float.edn': ['valid'],
  'first-fails.edn': ['invalid'],
  'orphan-completion.edn': ['unknown', 'line 3: process 9 completes read'],
  'orphan-bank-read.edn': ['unknown', 'line 5: process 7 completes read'],
  'f-differs.edn': ['unknown', 'line 2: process 0 completes read, and line 1 invoked write'],
  'orphan-first-list.edn': ['unknown', 'line 1: process 0 completes txn'],
  'crashed-write.edn': ['invalid'],
  'crashed-both.edn': ['valid'],
  'pair-not-number.edn': ['invalid', 'no operation wrote'],
  'independent.edn': ['valid'],
  'independent-stale.edn': ['invalid', 'key 0'],
  'cas-nil.edn': ['invalid'],
  'map-values.edn': ['valid'],
  'map-values.jsonl': ['valid'],
  'map-set-elements.jsonl': ['valid'],
  'string-keys.edn': ['valid'],
  'string-keys.jsonl': ['valid'],
  'number-keys.edn': ['valid'],
  'lost-string-keys.edn': ['invalid', 'lost: 1 at 1 of key "k9"'],
  'huge-offsets.jsonl': ['valid'],
  'nothing-ok.edn': ['unknown', 'nothing to check'],
  'tso-back.edn': [
    'invalid',
    '442461695102943233 after one showed 442461695102943262',
    'monotonic',
  ],
  'tso-back-pairs.edn': ['invalid', 'clock'],
  'snowflake-unique.jsonl': ['valid'],
  'snowflake-unique.edn': ['valid'],
  'stale-read-big.jsonl': ['invalid'],
  'txn-stale-big.jsonl': ['invalid', 'realtime'],
  'append-big.jsonl': ['valid'],
  'hlc-ok.edn': ['valid', '', 'monotonic'],
  'hlc-back.edn': ['invalid', '1 comes after 2', 'monotonic'],
  'retry.edn': ['valid', '', 'set-full'],
  'timeout-retry.edn': ['valid', '', 'set-full'],
  'bank-nil.edn': ['invalid', 'no balance'],
  'bank-decimal.edn': ['valid'],
  'bank-one-read-nil.edn': ['unknown', 'line 7'],
  'bank-odd-hides-fault.edn': ['invalid', 'the total is 509, not 10'],
  'bank-read-only-taken-for-register.edn': ['valid'],
  'odd-edn-ok.edn': ['valid'],
  'odd-edn-no-bf.edn': ['valid'],
  'chars.edn': ['invalid'],
  'regex.edn': ['valid'],
  'vector-keys.edn': ['valid'],
  'unknown-mop.edn': ['unknown', 'line 1'],
  'register-delete.edn': ['unknown', 'a register has no delete'],
  'cas-not-pair.edn': ['unknown', 'line 1'],
  'empty.edn': ['unknown', 'there is nothing'],
  'only-nemesis.edn': ['unknown', 'no operation of a client'],
  'mutex-tryacquire.edn': ['unknown', '--workload'],
  'peek.jsonl': ['unknown', '--workload'],
  'bom.edn': ['invalid'],
  'crlf.edn': ['valid'],
  'bom.jsonl': ['invalid', 'not-own-write'],
  'gz.edn.gz': ['invalid', 'garbage-read'],
  'cr-only.edn': ['invalid', 'garbage-read'],
  'utf16.edn': ['invalid', 'garbage-read'],
  'array.json': ['invalid', 'not-own-write'],
  'edn-vector.edn': ['invalid', 'garbage-read'],
  'empty-vector.edn': ['unknown', 'no operation of a client'],
  'blank.jsonl': ['unknown', 'there is nothing'],
  'trunc.jsonl': ['unknown', 'line 1'],
  'cut.edn': ['unknown', 'line 3, column 23'],
  'ctrl.jsonl': ['valid'],
  'list-read-map.edn': ['unknown', 'line 3, operation 2: a read of :x returned no list'],
  'list-read-map-hides-fault.edn': ['invalid', 'incompatible-order'],
  'predicate-read-number.jsonl': ['unknown', 'line 3, operation 2: rp returned no list'],
  'predicate-read-number-hides-fault.jsonl': ['invalid', 'G1a'],
  'empty-list-read-taken-for-register.jsonl': ['valid', 'list-append'],
  'multi-register-read-write-crash.jsonl': ['valid', '', 'multi-register'],
};

const judged = (source: HistorySource, workload: string | undefined) => {
  const { validity, reasons, report, workload: found } = checkHistory(source, { workload });
  return { validity, told: [found, ...reasons, ...(report?.anomalies.keys() ?? [])].join('\n') };
};

const txn = (type: string, value: string, process = 0) =>
  `{:process ${process}, :type :${type}, :f :txn, :value ${value}}\n`;

describe('transactions that complete with other operations than they invoked', () => {
  const differ = 'line 1, operation 0: it invoked';
  it.each([
    [
      '[[:append 1 1] [:r 1 nil]]',
      '[[:append 1 1]]',
      `${differ} ["r",1,null] and completed nothing`,
    ],
    [
      '[[:append 1 1]]',
      '[[:append 1 1] [:r 1 [1]]]',
      `${differ} nothing and completed ["r",1,[1]]`,
    ],
    ['[[:append 1 1]]', '[[:append 2 1]]', `${differ} ["append",1,1]`],
    ['[[:append 1 1]]', '[[:append 1 2]]', differ],
    ['[[:append 1 1]]', '[[:r 1 [1]]]', differ],
    ['[[:w 1 1]]', '[[:w 1 2]]', differ],
  ])('%s and %s: unknown', (invoked, completed, tells) => {
    const found = judged(
      HistorySource.ofText(txn('invoke', invoked) + txn('ok', completed)),
      undefined,
    );
    expect(found.validity).toBe('unknown');
    expect(found.told).toContain(tells);
  });

  it.each([
    ['[[:append 1 {:a 1 :b 2}] [:r 1 nil]]', '[[:append 1 {:b 2 :a 1}] [:r 1 [{:a 1 :b 2}]]]'],
    ['[[:append 1 nil]]', '[[:append 1 7]]'],
    ['nil', '[[:append 1 7]]'],
  ])('%s and %s: valid', (invoked, completed) => {
    const text = txn('invoke', invoked) + txn('ok', completed);
    expect(judged(HistorySource.ofText(text), undefined).validity).toBe('valid');
  });
});

describe('explanations', () => {
  it('name keys and values as a history writes them, of any size', () => {
    const big = '9007199254740993';
    const future = `[[:r :x [${big}]] [:append :x ${big}]]`;
    const text = txn('invoke', future) + txn('ok', future);
    const { report } = checkHistory(HistorySource.ofText(text), {});
    expect(report?.anomalies.get('future-read')?.examples[0]).toContain(`key :x with ${big}`);
    const lost = (n: number) => `[[:r :x []] [:append :x {:n ${big}${n}}]]`;
    const race =
      txn('invoke', lost(1), 1) +
      txn('invoke', lost(2), 2) +
      txn('ok', lost(1), 1) +
      txn('ok', lost(2), 2);
    const { report: other } = checkHistory(HistorySource.ofText(race), {});
    expect(other?.anomalies.get('lost-update')?.examples[0]).toContain('all read key :x as []');
  });
});

describe('histories with a known verdict', () => {
  it('are all told of', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(CASES).sort());
  });

  it.each(Object.entries(CASES))('%s', (name, [validity, tells = '', workload]) => {
    const found = judged(HistorySource.ofFile(`${FOLDER}${name}`), workload);
    expect(found.told).toContain(tells);
    expect(found.validity).toBe(validity);
  });

  it.each(Object.entries(CASES))('%s, converted', (name, [validity, , workload]) => {
    const source = HistorySource.ofFile(`${FOLDER}${name}`);
    for (const format of WRITTEN_FORMATS) {
      let text = '';
      try {
        readHistory(source, detectFormat(source), (event) => {
          text += writeEvent(event, format);
        });
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        return;
      }
      expect(judged(HistorySource.ofText(text), workload).validity, format).toBe(validity);
    }
  });
});
