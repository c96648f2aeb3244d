import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BenchOutcome, BenchRun } from '../harness/contract/bench-record.ts';
import { figureComplaints } from './readme-figures.ts';

const ROOT = new URL('../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');
const section = /^## How fast$([\s\S]*?)^## /m.exec(README)?.[1] ?? '';
const PAGES = [
  'README.md',
  'engine/README.md',
  'harness/README.md',
  ...readdirSync(new URL('docs/', ROOT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** Links lead out of the folder of a page; reports of other kinds have no benchmark. */
function load(link: string): BenchRun | undefined {
  const path = new URL(`${link.replace('../', '')}/bench.json`, ROOT);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as BenchRun) : undefined;
}

/** An engine twice as fast as its peer, so often. */
function runOf(repetitions: number): BenchRun {
  const one = load('reports/published/2026-11-25-bench-10M-5c2894f')!;
  const [outcome] = one.outcomes as [BenchOutcome];
  const outcomes = Array.from({ length: repetitions }, (_, i) => i + 1).flatMap((repetition) =>
    [['engine', 2000] as const, ['lmdb', 1000] as const].map(([store, perSecond]) => ({
      ...outcome,
      repetition,
      perSecond,
      job: { ...outcome.job, store, workload: 'scans' },
      figures: {},
    })),
  );
  return { ...one, plan: { ...one.plan, stores: ['engine', 'lmdb'] }, outcomes };
}

const page = (row: string) => `[report](x/report.md)\n\n| | engine |\n|---|--:|\n${row}\n`;
const RIGHT = '| `scans` | 2000 | 1000 (lmdb) | 2.00 × | 2.00–2.00 |';

describe('figures that a page quotes', () => {
  it('of the README are those of the reports it links', () => {
    expect(section).toContain('assay -- bench');
    expect(figureComplaints(section, load)).toEqual([]);
  });

  it('of every page are those of the reports it links, or say what they are worth', () => {
    expect(PAGES).toContain('docs/benchmarks.md');
    for (const page of PAGES) {
      const text = readFileSync(new URL(page, ROOT), 'utf8');
      const found = figureComplaints(text, load);
      expect([page, found]).toEqual([page, []]);
    }
  });

  it('are refused when they are others, have no report, or too few repetitions', () => {
    const of = (text: string, repetitions = 5) => figureComplaints(text, () => runOf(repetitions));
    expect(of(page(RIGHT))).toEqual([]);
    expect(of(page(RIGHT.replace('2.00 ×', '2.10 ×')))).toEqual([
      'scans: 2.10 × is 2.00 × in the report',
    ]);
    expect(of(page(RIGHT.replace('1000', '900')))).toHaveLength(1);
    expect(of(page(RIGHT), 4)).toEqual(['scans: 4 repetitions, 5 needed']);
    expect(of(RIGHT)).toEqual(['scans: no report above it has it']);
    expect(of(page(RIGHT.replace('scans', 'ycsb-a')))).toHaveLength(1);
    for (const claim of [
      'reads are 3.1 × as fast',
      'reads are 3.1x faster',
      'loads twice as fast as LMDB',
      'it commits 40 k records/s',
      'it commits 40000 records a second',
      'it is faster than RocksDB by 30 %',
    ]) {
      expect([claim, of(claim).length]).toEqual([claim, 1]);
      expect(of(`${claim} (single run)`)).toEqual([]);
    }
    expect(of('a limit of 4 MiB, and 20 % of it')).toEqual([]);
  });
});
