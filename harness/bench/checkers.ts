/**
 * `npm run bench:checkers`: speed of the checkers, under the settings with which peers were measured,
 * next to the peers' figures. Medians of five. A calibration figure (time of a fixed sort and a fixed
 * hash) makes machines comparable.
 *
 *     npm run bench:checkers                     rows of up to 1 M transactions
 *     npm run bench:checkers -- --long           and list-append and a register with 10 M
 *     npm run bench:checkers -- rw-register      rows whose name contains the text
 */
import { performance } from 'node:perf_hooks';
import { Prng } from '../random/prng.ts';
import { largeRows } from './large-rows.ts';
import { linearizabilityRows } from './linearizability-rows.ts';
import type { BenchRow } from './row.ts';
import { transactionRows } from './transaction-rows.ts';

const REPEATS = 5;
const SLOW_SECONDS = 8;
const CALIBRATION_KEYS = 2_000_000;

function seconds(run: () => void): number {
  const began = performance.now();
  run();
  return (performance.now() - began) / 1000;
}

function calibrate(): string {
  const random = new Prng(1);
  const keys = Float64Array.from({ length: CALIBRATION_KEYS }, () => random.nextUint32());
  const sort = seconds(() => keys.slice().sort());
  const map = new Map<number, number>();
  const hash = seconds(() => {
    for (const key of keys) map.set(key, (map.get(key) ?? 0) + 1);
  });
  return `calibration: ${CALIBRATION_KEYS} numbers sorted in ${sort.toFixed(2)} s, hashed in ${hash.toFixed(2)} s`;
}

function measure({ name, peer, size, prepare }: BenchRow): void {
  const run = prepare();
  const times: number[] = [];
  let found = '';
  while (times.length < REPEATS) {
    times.push(
      seconds(() => {
        found = run();
      }),
    );
    if (times.length === 1 && times[0]! > SLOW_SECONDS) break;
  }
  const first = times[0]!;
  const median = times.sort((a, b) => a - b)[times.length >> 1]!;
  const rate = Math.round(size / median).toLocaleString('en-US');
  const asText = (time: number) =>
    time < 1 ? `${(1000 * time).toFixed(0)} ms` : `${time.toFixed(2)} s`;
  const shown = asText(median);
  const memory = `${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`;
  console.log(
    `${name.padEnd(64)} ${shown.padStart(8)}  ${rate.padStart(11)}/s  ${memory.padStart(9)}`,
  );
  console.log(`    ${found}; first run ${asText(first)}; peer: ${peer}`);
}

const wanted = process.argv.slice(2).filter((text) => !text.startsWith('--'));
const long = process.argv.includes('--long');
console.log(calibrate());
for (const row of [...linearizabilityRows, ...largeRows, ...transactionRows]) {
  const isNamed = wanted.length === 0 || wanted.some((text) => row.name.includes(text));
  if (isNamed && (long || row.long !== true)) measure(row);
}
