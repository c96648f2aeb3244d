/**
 * `npm run bench:checkers`: how fast the checkers are, at the settings under which peers were
 * measured. Prints a calibration figure, because machines differ: the time of a fixed sort.
 *
 *     npm run bench:checkers -- 1000000
 */
import { performance } from 'node:perf_hooks';
import { checkLinearizable } from '../checkers/linearizable/linearizable.ts';
import { registerModel } from '../checkers/linearizable/model.ts';
import { checkListAppend } from '../checkers/transactional/list-append.ts';
import {
  TransactionCollector,
  TransactionHistory,
} from '../checkers/transactional/transaction-history.ts';
import type { Operation } from '../contract/history.ts';
import { generateHistory, PEER_SETTINGS } from '../generator/generate-history.ts';
import { jsonl } from '../history/formats/jsonl.ts';
import { eventLine } from '../history/recorder.ts';
import { HistorySource } from '../history/source.ts';
import { Prng } from '../random/prng.ts';

const REPEATS = 5;
const CALIBRATION_KEYS = 2_000_000;

function seconds(run: () => void): number {
  const began = performance.now();
  run();
  return (performance.now() - began) / 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

function calibration(): number {
  const random = new Prng(1);
  const keys = Float64Array.from({ length: CALIBRATION_KEYS }, () => random.nextUint32());
  return seconds(() => keys.slice().sort());
}

function collect(transactions: number, staleShare: number) {
  const collector = new TransactionCollector(new TransactionHistory());
  const options = {
    ...PEER_SETTINGS,
    workload: 'list-append' as const,
    transactions,
    seed: 1,
    staleShare,
  };
  generateHistory(options, (event) => collector.add(event));
  return collector.finish();
}

/** Reads and unique writes of one register by so many clients, all linearizable. */
function registerHistory(operations: number, clients: number): Operation[] {
  const random = new Prng(1).derive('register-history');
  const open: { process: number; invokedIndex: number; f: string; input: unknown }[] = [];
  const done: Operation[] = [];
  const idle = Array.from({ length: clients }, (_, process) => process);
  let value: unknown = null;
  let index = 0;
  for (let begun = 0; begun < operations || open.length > 0; index++) {
    if (begun < operations && idle.length > 0 && (open.length === 0 || random.chance(0.5))) {
      const f = random.chance(0.5) ? 'write' : 'read';
      const input = f === 'write' ? begun : null;
      open.push({ process: idle.pop()!, invokedIndex: index, f, input });
      begun++;
      continue;
    }
    const [one] = open.splice(random.below(open.length), 1);
    if (one!.f === 'write') value = one!.input;
    const output = one!.f === 'read' ? value : null;
    done.push({ ...one!, output, type: 'ok', completedIndex: index });
    idle.push(one!.process);
  }
  return done;
}

function report(name: string, transactions: number, taken: number): void {
  const rate = Math.round(transactions / taken).toLocaleString('en-US');
  console.log(`${name.padEnd(58)} ${taken.toFixed(2)} s  ${rate} tx/s`);
}

const transactions = Number(process.argv[2] ?? 100_000);
console.log(`calibration: sort of ${CALIBRATION_KEYS} numbers ${calibration().toFixed(2)} s`);
for (const [name, stale] of [
  ['list-append, strict serializable, check only', 0],
  ['list-append, 2 % of reads stale, every anomaly counted', 0.02],
] as const) {
  const history = collect(transactions, stale);
  let found = '';
  const times = Array.from({ length: REPEATS }, () =>
    seconds(() => {
      const { anomalies, levels } = checkListAppend(history);
      const counts = [...anomalies].map(([anomaly, { count }]) => `${anomaly} ${count}`);
      found = `${counts.join(', ') || 'no anomaly'}; holds ${levels.maximalHolding}`;
    }),
  );
  report(name, transactions, median(times));
  console.log(`  ${found}`);
}

const lines: string[] = [];
const options = { ...PEER_SETTINGS, workload: 'list-append' as const, transactions, seed: 1 };
generateHistory(options, (event) => lines.push(eventLine(event)));
const text = lines.join('');
const taken = seconds(() => {
  const collector = new TransactionCollector(new TransactionHistory());
  jsonl.read(HistorySource.ofText(text), (event) => collector.add(event));
  checkListAppend(collector.finish());
});
report(
  `the same from JSON Lines (${(text.length / 1e6).toFixed(0)} MB), parse included`,
  transactions,
  taken,
);
const sequential = registerHistory(transactions, 10);
const objects = sequential.map((operation) => ({ object: 'x', operation }));
let verdict = '';
const linear = Array.from({ length: REPEATS }, () =>
  seconds(() => {
    verdict = checkLinearizable(registerModel, objects).validity;
  }),
);
report('linearizability, one register, 10 clients', transactions, median(linear));
console.log(`  ${verdict}`);
console.log(`memory: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`);
