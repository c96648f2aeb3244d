import { describe, expect, it } from 'vitest';
import type { BenchOutcome, BenchPlan, BenchRun } from '../harness/contract/bench-record.ts';
import { compareRuns } from './bench-compare.ts';
import { latencyOf, outcomeOf, PLAN, runOf } from './bench-fixtures.ts';

const REPEAT = 8;

/** Two workloads, measured eight times, each a little different. */
function repeated(
  make: (workload: string, i: number) => Partial<BenchOutcome> | undefined = () => ({}),
  more: Partial<BenchRun> = {},
): BenchRun {
  const outcomes = ['scans', 'points-uniform'].flatMap((workload) =>
    Array.from({ length: REPEAT }, (_, i) => {
      const made = make(workload, i);
      return made && outcomeOf(workload, { repetition: i + 1, perSecond: 1000 + i, ...made });
    }).filter((outcome) => outcome !== undefined),
  );
  const plan = { ...PLAN, repetitions: REPEAT, workloads: ['scans', 'points-uniform'] };
  return runOf(outcomes, { plan, ...more });
}

const verdict = (before: BenchRun, after: BenchRun, force = false) => {
  const { exit, reason } = compareRuns(before, after, 0.1, force);
  return { exit, reason };
};
const says = (exit: number, text: string) => ({ exit, reason: expect.stringContaining(text) });
const ofScans =
  (made: Partial<BenchOutcome>, only = -1) =>
  (workload: string, i: number) =>
    workload === 'scans' && (only < 0 || only === i) ? made : {};

describe('comparing two saved runs', () => {
  it('finds nothing in equal runs, and what became slower', () => {
    expect(verdict(repeated(), repeated())).toEqual(says(0, 'nothing became worse in 16 rows'));
    const slow = repeated((_workload, i) => ({ perSecond: 800 + i }));
    expect(verdict(repeated(), slow)).toEqual(says(1, 'scans on engine: scans/s'));
    expect(verdict(slow, repeated())).toEqual(says(0, 'nothing became worse'));
    for (const made of [
      { latency: { scan: latencyOf({ p50: 1.3 }) } },
      { latency: { scan: latencyOf({ p999: 9 }) } },
      { diskMiB: 15 },
      { usage: { ...outcomeOf('').usage, rssMaxMiB: 130 } },
    ]) {
      expect(verdict(repeated(), repeated(ofScans(made))).exit).toBe(1);
    }
  });

  it('counts a crashed, missing or wrong workload against the run that has it', () => {
    const missing = ['scans on engine: it ended with SIGSEGV'];
    const faulty: [BenchRun, string][] = [
      [repeated((w) => (w === 'scans' ? undefined : {}), { missing }), 'SIGSEGV'],
      [repeated((w, i) => (w === 'scans' && i === 3 ? undefined : {}), { missing }), 'SIGSEGV'],
      [repeated((w) => (w === 'scans' ? undefined : {})), 'not measured'],
      [repeated((w, i) => (w === 'scans' && i === 3 ? undefined : {})), '7 times of 8'],
      [repeated(ofScans({ wrong: 2 }, 5)), 'read 2 values that were never written'],
    ];
    for (const [run, text] of faulty) {
      expect(verdict(repeated(), run)).toEqual(says(1, text));
      expect(verdict(run, repeated())).toEqual(says(2, text));
      expect(verdict(run, run).exit).toBe(2);
    }
  });

  it('does not compare what was not asked of both, was cut short, or overflowed', () => {
    const fewer = repeated((w) => (w === 'scans' ? undefined : {}), {
      plan: { ...PLAN, repetitions: REPEAT, workloads: ['points-uniform'] },
    });
    expect(verdict(repeated(), fewer)).toEqual(says(2, 'scans on engine: not measured (after)'));
    expect(verdict(fewer, repeated())).toEqual(says(2, 'scans on engine: not measured (before)'));
    for (const [made, text] of [
      [{ cutShort: true }, 'cut short'],
      [{ latency: { scan: latencyOf({ exceeds: 1 }) } }, 'histogram'],
    ] as const) {
      expect(verdict(repeated(), repeated(ofScans(made, 2)))).toEqual(says(2, text));
      expect(verdict(repeated(ofScans(made, 2)), repeated())).toEqual(says(2, text));
    }
    const strangers = runOf([outcomeOf('graph')], { plan: { ...PLAN, workloads: ['graph'] } });
    expect(verdict(repeated(), strangers).exit).toBe(2);
    expect(verdict(runOf([]), runOf([]))).toEqual(says(2, 'nothing in common'));
  });

  it('does not compare a run that was made of two commits', () => {
    const mixed = repeated((_workload, i) => ({
      provenance: { commit: i < 4 ? 'one' : 'two', node: 'v26.0.0', machine: '2 × made up' },
    }));
    expect(verdict(repeated(), mixed)).toEqual(says(2, 'mixes outcomes of one, two'));
  });

  it('does not compare a run that contradicts itself', () => {
    const here = { commit: 'abc1234', node: 'v26.0.0', machine: '2 × made up' };
    const { job } = outcomeOf('scans');
    for (const [made, text] of [
      [{ provenance: { ...here, machine: '64 × other' } }, 'holds an outcome of 64 × other'],
      [{ provenance: { ...here, node: 'v22' } }, 'holds an outcome of v22'],
      [{ job: { ...job, seconds: 60 } }, 'seconds 60, and 1 in the plan'],
      [{ job: { ...job, cacheBytes: 1 } }, 'cacheBytes 1, and'],
      [{ repetition: 2 }, 'scans on engine, repetition 2 twice'],
    ] as const) {
      const of = (workload: string, i: number) => {
        const isOdd = workload === 'scans' && i === 5;
        return { provenance: here, ...(isOdd ? made : {}) };
      };
      expect(verdict(repeated(), repeated(of))).toEqual(says(2, text));
      expect(verdict(repeated(of), repeated())).toEqual(says(2, text));
    }
  });

  it('does not compare figures of one run alone, other amounts of work, or no numbers', () => {
    const nothing = JSON.parse(JSON.stringify({ rate: Number.NaN })) as { rate: number };
    for (const [made, text] of [
      [{ latency: {} }, 'scan p99.9 µs in one run only'],
      [{ latency: { scan: latencyOf({ count: 500 }) } }, 'scan p99.9 µs in one run only'],
      [{ latency: { scan: latencyOf(), update: latencyOf() } }, 'update p50 µs'],
      [{ figures: { settleSeconds: 1 } }, 'settle s in one run only'],
      [{ perCpuSecond: nothing.rate }, 'scans/CPU s in one run only'],
      [{ perSecond: nothing.rate }, 'a rate that is no number above 0'],
      [{ count: 100 }, '1000 operations and 100'],
    ] as const) {
      const other = repeated(ofScans(made));
      expect([text, verdict(repeated(), other).exit]).toEqual([text, 2]);
      expect(verdict(repeated(), other)).toEqual(says(2, text));
    }
    expect(verdict(repeated(), repeated(ofScans({ perSecond: 0 }))).exit).toBe(1);
    const tuned = repeated(ofScans({ tuning: 'otherwise' }));
    expect(verdict(repeated(), tuned)).toEqual(says(2, 'set up as "as it is" and as "otherwise"'));
    expect(verdict(repeated(), tuned, true).exit).toBe(0);
  });

  it('does not compare other machines, Nodes or settings unless forced', () => {
    const plan = (more: Partial<BenchPlan>) => ({
      plan: { ...repeated().plan, ...more },
    });
    for (const [more, text] of [
      [{ machine: '64 × other' }, 'machine'],
      [{ node: 'v27.0.0' }, 'Node v26.0.0 and v27.0.0'],
      [plan({ records: 5 }), 'records 1000 and 5'],
      [plan({ valueBytes: 5 }), 'valueBytes'],
      [plan({ keyOrder: 'prefixed' }), 'keyOrder'],
      [plan({ cacheBytes: 5 }), 'cacheBytes'],
      [plan({ defaults: true }), 'defaults not set and true'],
      [plan({ seed: 5 }), 'seed'],
      [plan({ seconds: 5 }), 'seconds'],
      [plan({ limitSeconds: 5 }), 'limitSeconds'],
      [plan({ hugePages: true }), 'hugePages'],
    ] as const) {
      const other = repeated(() => ({}), more);
      expect(verdict(repeated(), other)).toEqual(says(2, text));
      expect(verdict(other, repeated()).exit).toBe(2);
      expect(verdict(repeated(), other, true)).toEqual(says(0, 'nothing became worse'));
    }
  });

  it('says when there are too few repetitions for the number of rows', () => {
    const few = (rate: number) =>
      runOf(
        [1, 2, 3, 4].map((i) => outcomeOf('scans', { repetition: i, perSecond: rate + i })),
        {
          plan: { ...PLAN, repetitions: 4, workloads: ['scans'] },
        },
      );
    expect(verdict(few(1000), few(500))).toEqual(says(2, '--repeat 6 or more'));
  });
});
