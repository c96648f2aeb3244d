/** Checker benchmark: transactional isolation levels. */

import type { TransactionalReport } from '../consistency/graph/report.ts';
import { TransactionCollector } from '../consistency/graph/transaction-collector.ts';
import { TransactionHistory } from '../consistency/graph/transaction-history.ts';
import { OK } from '../consistency/graph/transaction-table.ts';
import { factsOf } from '../consistency/isolation/axioms.ts';
import { decideWeakLevel, type WeakLevel } from '../consistency/isolation/weak-levels.ts';
import { checkListAppend } from '../consistency/list-append/list-append.ts';
import { RegisterHistory } from '../consistency/registers/register-history.ts';
import { registerView } from '../consistency/registers/register-view.ts';
import { checkRegisters } from '../consistency/registers/rw-register.ts';
import { checkTimestamps } from '../consistency/registers/timestamps.ts';
import { VersionIndex } from '../consistency/registers/version-index.ts';
import {
  type GenerateOptions,
  generateHistory,
  PEER_SETTINGS,
} from '../generator/generate-history.ts';
import { jsonl } from '../history/formats/jsonl.ts';
import { HistorySource } from '../history/source.ts';
import { writeEvent } from '../history/write-history.ts';
import { Prng } from '../random/prng.ts';
import type { BenchRow } from './row.ts';

const MILLION = 1_000_000;

type Settings = Partial<GenerateOptions> & { readonly transactions: number };

function lists(settings: Settings): TransactionHistory {
  const collector = new TransactionCollector(new TransactionHistory());
  const options = { ...PEER_SETTINGS, workload: 'list-append' as const, seed: 1, ...settings };
  generateHistory(options, (event) => collector.add(event));
  return collector.finish();
}

function registers(settings: Settings, hasRealTime = true): RegisterHistory {
  const collector = new TransactionCollector(new RegisterHistory({ hasRealTime }));
  const options = { ...PEER_SETTINGS, workload: 'rw-register' as const, seed: 1, ...settings };
  generateHistory(options, (event) => collector.add(event));
  return collector.finish();
}

function told({ levels, anomalies }: TransactionalReport): string {
  const counts = [...anomalies].map(([name, { count }]) => `${name} ${count}`);
  return `holds ${levels.maximalHolding.join(', ')}; ${counts.join(', ') || 'no anomaly'}`;
}

const appendRow = (name: string, peer: string, settings: Settings, long = false): BenchRow => ({
  name,
  peer,
  size: settings.transactions,
  long,
  prepare() {
    const history = lists(settings);
    return () => told(checkListAppend(history));
  },
});

const registerRow = (
  name: string,
  peer: string,
  settings: Settings,
  hasRealTime: boolean,
): BenchRow => ({
  name,
  peer,
  size: settings.transactions,
  prepare() {
    const history = registers(settings, hasRealTime);
    return () => told(checkRegisters(history));
  },
});

/** One weak level on its own, starting from the columnar history. */
const weakRow = (level: WeakLevel, peer: string, settings: Settings): BenchRow => ({
  name: `${level}, ${settings.transactions.toLocaleString('en-US')} transactions${settings.operationsMin === 20 ? ' of 20 operations' : ''}`,
  peer,
  size: settings.transactions,
  prepare() {
    const history = registers({ infoShare: 0, ...settings });
    return () => {
      const view = registerView(new VersionIndex(history));
      return decideWeakLevel(factsOf(view), level).holds ? 'holds' : 'violated';
    };
  },
});

const TWENTY = { operationsMin: 20, operationsMax: 20, activeKeys: 1000, writesPerKey: 100 };
const POLYSI = {
  clients: 20,
  operationsMin: 15,
  operationsMax: 15,
  activeKeys: 10_000,
  writesPerKey: Number.POSITIVE_INFINITY,
  infoShare: 0,
};
const COBRA = { ...POLYSI, clients: 24, operationsMin: 8, operationsMax: 8, zipfExponent: 0 };

export const transactionRows: readonly BenchRow[] = [
  appendRow('list-append, strict serializable, 100,000', 'Elle 27,700 tx/s', {
    transactions: 100_000,
  }),
  appendRow('list-append, strict serializable, 1 M', 'Elle 23,400 tx/s, 4.4 GB', {
    transactions: MILLION,
  }),
  {
    name: 'list-append, 1 M, JSON Lines parsed and checked',
    peer: 'Elle 32 s to load its EDN',
    size: MILLION,
    prepare() {
      const lines: string[] = [];
      const options = {
        ...PEER_SETTINGS,
        workload: 'list-append' as const,
        seed: 1,
        transactions: MILLION,
      };
      generateHistory(options, (event) => lines.push(writeEvent(event, 'jsonl')));
      const bytes = Buffer.from(lines.join(''));
      lines.length = 0;
      return () => {
        const collector = new TransactionCollector(new TransactionHistory());
        jsonl.read(HistorySource.ofBytes(bytes), (event) => collector.add(event));
        return `${(bytes.length / 1e6).toFixed(0)} MB; ${told(checkListAppend(collector.finish()))}`;
      };
    },
  },
  appendRow('list-append, snapshot isolation, 100,000, anomalies', 'Elle 5.0 s', {
    transactions: 100_000,
    level: 'snapshot-isolation',
  }),
  appendRow('list-append, read committed, 100,000, anomalies', 'Elle 10.8 s', {
    transactions: 100_000,
    staleShare: 0.001,
  }),
  appendRow('list-append, 10 M', 'none', { transactions: 10 * MILLION }, true),
  {
    name: 'list-append, one component of 20,000 transactions',
    peer: 'Elle: time-out',
    size: 20_000,
    prepare() {
      const history = ring(20_000);
      return () => told(checkListAppend(history));
    },
  },
  registerRow(
    'rw-register, strict serializable, 1 M',
    'Elle 17,500 tx/s',
    { transactions: MILLION },
    true,
  ),
  weakRow('read-committed-axiomatic', 'AWDIT 1.43 s', { transactions: MILLION }),
  weakRow('strong-session-read-atomic', 'AWDIT 1.87 s', { transactions: MILLION }),
  weakRow('causal', 'AWDIT 4.01 s', { transactions: MILLION }),
  weakRow('causal', 'Plume 104 s', { transactions: MILLION, ...TWENTY }),
  {
    name: 'timestamped snapshot isolation, 100,000 × 5 operations',
    peer: 'Chronos 0.98 s',
    size: 100_000,
    prepare() {
      const history = stamped(100_000);
      return () => checkTimestamps(new VersionIndex(history)).status;
    },
  },
  registerRow(
    'registers, serializable, no real time, 10,000',
    'Cobra 2.0 s with a GPU',
    { transactions: 10_000, ...COBRA },
    false,
  ),
  registerRow(
    'registers, snapshot isolation, no real time, 2,000',
    'PolySI, Viper: 13 s and more',
    { transactions: 2_000, level: 'strong-session-snapshot-isolation', ...POLYSI },
    false,
  ),
  registerRow(
    'registers, snapshot isolation, no real time, 10,000',
    'PolySI, Viper: minutes',
    { transactions: 10_000, level: 'strong-session-snapshot-isolation', ...POLYSI },
    false,
  ),
];

/**
 * Each transaction reads what the previous one appended, and the first reads what the last appended (a
 * cycle).
 */
function ring(size: number): TransactionHistory {
  const history = new TransactionHistory();
  for (let t = 0; t < size; t++) {
    const operations = [
      ['r', (t + size - 1) % size, [1]],
      ['append', t, 1],
    ];
    history.add({ status: OK, process: t, invoked: t, completed: size + t, operations });
  }
  return history;
}

/** Transactions of a snapshot-isolated store, with its timestamps; without contention, so all commit. */
function stamped(transactions: number): RegisterHistory {
  const random = new Prng(1).derive('stamped');
  const history = new RegisterHistory({ hasRealTime: false });
  const values = new Map<number, number>();
  for (let t = 0; t < transactions; t++) {
    const written = new Map<number, number>();
    const operations = Array.from({ length: 5 }, (_, i) => {
      const key = random.below(10_000);
      if (random.chance(0.5)) return ['r', key, written.get(key) ?? values.get(key) ?? null];
      written.set(key, 5 * t + i + 1);
      return ['w', key, 5 * t + i + 1];
    });
    for (const [key, value] of written) values.set(key, value);
    const stamps = { startedAt: 2 * t, committedAt: 2 * t + 1 };
    history.add({ status: OK, process: t % 20, invoked: t, completed: t, operations, ...stamps });
  }
  return history;
}
