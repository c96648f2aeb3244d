import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../contract/history.ts';
import { generateHistory, PEER_SETTINGS } from '../../generator/generate-history.ts';
import { HistorySource } from '../../history/source.ts';
import { writeEvent } from '../../history/write-history.ts';
import { checkHistory } from './check-history.ts';

type Workload = 'list-append' | 'rw-register';
type Micro = [string, unknown, unknown];

function valid(workload: Workload, seed: number, settings = {}): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const options = {
    ...PEER_SETTINGS,
    workload,
    transactions: 120,
    seed,
    activeKeys: 4,
    ...settings,
  };
  generateHistory(options, (event) => events.push(event));
  return events;
}

const check = (events: readonly HistoryEvent[], workload?: Workload) =>
  checkHistory(HistorySource.ofText(events.map((one) => writeEvent(one, 'jsonl')).join('')), {
    workload,
  });

/** Places of reads in completed transactions: [event, operation, micro-operation]. */
function reads(events: readonly HistoryEvent[]) {
  return events.flatMap(({ type, value }, at) =>
    type !== 'ok'
      ? []
      : (value as Micro[]).flatMap((one, i) => (one[0] === 'r' ? [{ at, i, one }] : [])),
  );
}

function replaced(events: readonly HistoryEvent[], at: number, i: number, result: unknown) {
  return events.map((event, k) => {
    if (k !== at) return event;
    const value = (event.value as Micro[]).map((one, j) =>
      j === i ? [one[0], one[1], result] : one,
    );
    return { ...event, value };
  });
}

const seeds = fc.nat(10_000);
const workloads = fc.constantFrom<Workload>('list-append', 'rw-register');

describe('valid histories that were tampered with are never valid', () => {
  it('when a transaction that was read from is dropped', () => {
    fc.assert(
      fc.property(seeds, workloads, fc.nat(), (seed, workload, pick) => {
        const events = valid(workload, seed);
        expect(check(events).validity).toBe('valid');
        const seen = reads(events).filter(({ one }) =>
          Array.isArray(one[2]) ? one[2].length > 0 : one[2] !== null,
        );
        fc.pre(seen.length > 0);
        const { one: read, at } = seen[pick % seen.length]!;
        const value = Array.isArray(read[2]) ? read[2].at(-1) : read[2];
        const writes = (event: HistoryEvent) =>
          (event.value as Micro[]).some(
            ([f, key, of]) => f !== 'r' && key === read[1] && of === value,
          );
        const writer = events.findIndex((event) => event.type === 'invoke' && writes(event));
        fc.pre(events[at]!.process !== events[writer]!.process);
        const done = events.findIndex(
          (one, i) => i > writer && one.process === events[writer]!.process,
        );
        const left = events.filter((_, i) => i !== writer && i !== done);
        const found = check(left, workload);
        expect(found.validity).toBe('invalid');
        expect([...found.report!.anomalies.keys()]).toContain('garbage-read');
      }),
      { numRuns: 60 },
    );
  });

  it('when a list that was read is doubled, reversed or cut short long after', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('double', 'reverse', 'cut'), (seed, how) => {
        const events = valid('list-append', seed);
        const long = reads(events)
          .filter(({ one }) => (one[2] as unknown[]).length > 12)
          .at(-1);
        fc.pre(long !== undefined);
        const list = long!.one[2] as unknown[];
        const spoilt =
          how === 'double'
            ? [...list, list[0]]
            : how === 'reverse'
              ? [...list].reverse()
              : list.slice(0, 1);
        const found = check(replaced(events, long!.at, long!.i, spoilt), 'list-append');
        expect(found.validity).toBe('invalid');
      }),
      { numRuns: 60 },
    );
  });

  it('when the results of an early and a late read of a register are swapped', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const events = valid('rw-register', seed);
        const all = reads(events).filter(({ one }) => one[2] !== null && one[1] === 0);
        const [first, last] = [all[0], all.at(-1)];
        fc.pre(first !== undefined && last !== undefined && last.at - first.at > 60);
        fc.pre(first!.one[2] !== last!.one[2]);
        const swapped = replaced(
          replaced(events, first!.at, first!.i, last!.one[2]),
          last!.at,
          last!.i,
          first!.one[2],
        );
        expect(check(swapped, 'rw-register').validity).toBe('invalid');
      }),
      { numRuns: 15 },
    );
  });
});

describe('what changes no verdict', () => {
  const told = (events: readonly HistoryEvent[], workload: Workload) => {
    const { report } = check(events, workload);
    const counts = [...report!.anomalies].map(([name, { count }]) => `${name} ${count}`).sort();
    return { levels: [...report!.levels.status], counts };
  };
  const levels = fc.constantFrom('snapshot-isolation', 'read-committed', 'serializable');

  it('other names for keys', () => {
    fc.assert(
      fc.property(seeds, workloads, levels, (seed, workload, level) => {
        const events = valid(workload, seed, { level });
        const renamed = events.map((event) => ({
          ...event,
          value: (event.value as Micro[]).map(([f, key, of]) => [f, { name: `k${key}` }, of]),
        }));
        expect(told(renamed, workload)).toEqual(told(events, workload));
      }),
      { numRuns: 30 },
    );
  });

  it('two histories that share nothing in one file: what one violates is violated', () => {
    fc.assert(
      fc.property(seeds, workloads, levels, (seed, workload, level) => {
        const one = valid(workload, seed, { level });
        const two = valid(workload, seed + 1, { level }).map((event) => ({
          ...event,
          index: event.index + one.length,
          process: event.process + 1000,
          value: (event.value as Micro[]).map(([f, key, of]) => [f, `other ${key}`, of]),
        }));
        const [a, b, both] = [
          told(one, workload),
          told(two, workload),
          told([...one, ...two], workload),
        ];
        for (const [i, [name, status]] of both.levels.entries()) {
          const parts = [a.levels[i]![1], b.levels[i]![1]];
          if ([...parts, status].includes('unknown')) continue;
          expect(`${name} ${status}`).toBe(
            `${name} ${parts.includes('violated') ? 'violated' : 'holds'}`,
          );
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('histories without invocations', () => {
  const bare = (...values: string[]) =>
    checkHistory(
      HistorySource.ofText(
        values
          .map((value, process) => `{:process ${process}, :type :ok, :value ${value}}`)
          .join('\n'),
      ),
    );

  it('have no real time: they are judged by sessions, and a stale read is none', () => {
    const stale = bare('[[:append :x 1]]', '[[:r :x []]]', '[[:r :x [1]]]');
    expect(stale).toMatchObject({ validity: 'valid', level: 'serializable' });
    expect(stale.report!.levels.status.get('strict-serializable')).toBe('unknown');
    const skew = bare(
      '[[:append :x 1] [:append :y 1]]',
      '[[:r :y [1]] [:r :x []]]',
      '[[:r :x [1]]]',
    );
    expect(skew.validity).toBe('invalid');
    expect([...skew.report!.anomalies.keys()]).toContain('G-single');
  });
});
