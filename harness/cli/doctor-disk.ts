/** `assay doctor --disk DIR`: what the disk below a directory does, in figures. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Percentiles } from '../contract/run-record.ts';
import { UsageError } from '../matrix/registry.ts';
import { adviceOn } from '../real/disk/advice.ts';
import { characterise, type DiskFigures } from '../real/disk/characterise.ts';
import { StatusLine } from './status-line.ts';
import { alignedTable, largeNumber } from './words.ts';

const RANDOM_READS = 20_000;
const SYNCS = 500;
const SPARE_SHARE = 2;

export async function doctorDisk(
  place: string,
  { size, json }: { readonly size: string; readonly json: boolean },
): Promise<number> {
  const directory = resolve(place);
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new UsageError(`There is no directory ${directory}.`);
  }
  const bytes = largeNumber('--size', size, 2 ** 20);
  const line = new StatusLine();
  const plan = { bytes, randomReads: RANDOM_READS, syncs: SYNCS };
  const { figures, problems } = await characterise(directory, plan, 1, (done, total) =>
    line.show(() => `disk of ${directory}: ${Math.floor((100 * done) / total)} %`),
  );
  line.end();
  const advice = adviceOn(figures);
  if (json) console.log(JSON.stringify({ directory, figures, problems, advice }, null, 2));
  else {
    console.log(alignedTable([directory, ''], rowsOf(figures)));
    for (const text of advice) console.log(`- ${text}`);
    if (figures.freeBytes < SPARE_SHARE * bytes) console.log('- The disk is nearly full.');
    for (const problem of problems) console.log(`wrong: ${problem}`);
  }
  return problems.length === 0 ? 0 : 1;
}

function rowsOf(figures: DiskFigures): string[][] {
  const whole = (value: number) => Math.round(value).toLocaleString('en-US');
  const sync = ({ p50, p95, p99, max }: Percentiles) =>
    `p50 ${p50.toFixed(3)}  p95 ${p95.toFixed(3)}  p99 ${p99.toFixed(3)}  max ${max.toFixed(3)} ms`;
  return [
    ['file system', `${figures.fileSystem}, ${whole(figures.freeBytes / 2 ** 20)} MiB free`],
    ['written in sequence, synced', `${whole(figures.writeMiBPerSecond)} MiB/s`],
    ['read in sequence (page cache)', `${whole(figures.readMiBPerSecond)} MiB/s`],
    ['4 KiB at random (page cache)', `${whole(figures.randomReadsPerSecond)} a second`],
    ['sync of an overwritten block', sync(figures.overwriteSync)],
    ['sync of an appended block', sync(figures.appendSync)],
    ['direct I/O', figures.directBytes === 0 ? 'refused' : `from ${figures.directBytes} bytes`],
    ['sync of a directory', figures.directorySync],
    ['copies that share blocks', figures.reflink ? 'yes' : 'no'],
    ['sparse files', figures.sparse ? 'yes' : 'no'],
  ];
}
