/** ViperBench's JSON logs, read as Viper reads them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkHistory } from '../../consistency/offline/check-history.ts';
import { detectFormat, HistorySource, readHistory } from '../read-history.ts';

const directories: string[] = [];
afterEach(() => {
  for (const one of directories.splice(0)) rmSync(one, { recursive: true });
});

const line = (...value: readonly unknown[]) => `${JSON.stringify({ value })}\n`;

/** A directory with a log for each client. */
function logs(...clients: readonly string[]): HistorySource {
  const directory = mkdtempSync(join(tmpdir(), 'assay-viper-'));
  directories.push(directory);
  for (const [i, text] of clients.entries()) writeFileSync(join(directory, `J${i + 9}.log`), text);
  return HistorySource.ofFile(directory);
}

function transactions(source: HistorySource) {
  const all: unknown[] = [];
  readHistory(source, detectFormat(source), ({ type, process, value }) => {
    if (type !== 'invoke') all.push([process, type, value]);
  });
  return all;
}

describe('Viper’s logs', () => {
  it('are transactions, a line each, and a client each file', () => {
    const source = logs(
      line(['w', 1, 10, true]) + line(['r', 1, 10, false]),
      line(['r', 1, 0, false]),
    );
    expect(detectFormat(source).name).toBe('viper');
    expect(transactions(source)).toEqual([
      [0, 'ok', [['w', 1, 10]]],
      [0, 'ok', [['r', 1, 10]]],
      [1, 'ok', [['r', 1, null]]],
    ]);
  });

  it('have operations as objects, and timestamps of the clients that say nothing', () => {
    const source = HistorySource.ofText(
      '{"preBeginTS": 1, "postBeginTS": 2, "preCommitTS": 3, "postCommitTS": 4, "value": [' +
        '{"opType": "w", "key": "a", "value": -7, "succ": true, "reqTS": 1, "resTS": 2}, ' +
        '{"opType": "d", "key": "b", "value": 8, "readValue": 0, "isDead": false, "succ": true}]}\n',
    );
    expect(detectFormat(source).name).toBe('viper');
    const steps = [
      ['w', 'a', -7],
      ['r', 'b', null],
      ['w', 'b', 8],
    ];
    expect(transactions(source)).toEqual([[0, 'ok', steps]]);
    expect(checkHistory(source)).toMatchObject({ validity: 'valid', level: 'serializable' });
  });

  it('show versions that were loaded before the run: the one value that was never written', () => {
    const initial = '{"value": [["w", 3, 33, true]], "isInitial": true, "isFinal": false}\n';
    const source = logs(line(['r', 3, 33, false]) + line(['w', 3, 34, true]), initial);
    expect(transactions(source).slice(0, 1)).toEqual([[0, 'ok', [['r', 3, null]]]]);
    const two = logs(line(['r', 3, 33, false]), line(['r', 3, 35, false]));
    expect(checkHistory(two).report?.anomalies.has('garbage-read')).toBe(true);
  });

  it('read the initial version of each key of a range that is not shown', () => {
    const range = ['range', 2, 'nil', [{ id: 2, sk: 2, val: 20 }], []];
    const source = logs(
      line(range),
      line(['w', 1, 10, true], ['w', 2, 20, true], ['w', 3, 30, true]),
    );
    expect(transactions(source)[0]).toEqual([
      0,
      'ok',
      [
        ['r', 2, 20],
        ['r', 3, null],
      ],
    ]);
    expect(checkHistory(source).report?.anomalies.has('G-single')).toBe(true);
  });

  it('tell of writes that did not succeed', () => {
    const source = logs(line(['w', 1, 10, false], ['w', 2, 20, true]), line(['r', 1, 10, false]));
    expect(checkHistory(source).report?.anomalies.has('G1a')).toBe(true);
  });

  it('are unknown with file and line where they are malformed', () => {
    const source = logs(
      line(['w', 1, 10, true]),
      `${line(['r', 1, 10, false])}{"value": [["x"]]}\n`,
    );
    const { validity, reasons } = checkHistory(source);
    expect(validity).toBe('unknown');
    expect(reasons[0]).toMatch(/J10\.log, line 2: .*no operation of Viper's/);
  });
});
