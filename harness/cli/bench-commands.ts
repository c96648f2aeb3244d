/** The commands of `assay bench`, with their options. */
import type { Command } from 'commander';

type Ended = (code: number) => void;

export function benchCommands(root: Command, ended: Ended): void {
  const command = root
    .command('bench [workloads...]')
    .enablePositionalOptions()
    .description('measure the engine, with --peers beside LMDB, RocksDB, LevelDB and SQLite')
    .option('-n, --records <number>', 'records to load, like 1M or 100M', '1M')
    .option('--peers', 'measure the other stores as well', false)
    .option(
      '--stores <names>',
      'stores to measure, comma-separated; the first is compared with the others',
    )
    .option('--repeat <number>', 'number of repetitions, for intervals and comparisons', '1')
    .option('--cache <bytes>', "size of each store's block cache", '1.5GiB')
    .option('--cap-cache', 'give all stores the largest cache that each of them supports', false)
    .option(
      '--memory <bytes>',
      "limit the memory of each store's processes, page cache included (needs root)",
    )
    .option('--defaults', 'use default options except durability; ignores --cache', false)
    .option('--value-bytes <number>', 'size of a value; keys have 16 bytes', '100')
    .option(
      '--value-sizes <kind>',
      'one, even (up to twice --value-bytes), or two (1 in 16 is large)',
      'one',
    )
    .option('--keys <order>', 'random, or prefixed: 16 more bytes that all keys share', 'random')
    .option(
      '--seconds <number>',
      'duration of workloads without a fixed number of operations',
      '10',
    )
    .option('--rate <number>', 'operations per second of open-loop (default: 20000) and readers-8')
    .option('--limit <number>', 'seconds after which a workload is cut short', '600')
    .option('-s, --seed <number>', 'seed of keys and choices', '1')
    .option('-d, --directory <path>', 'directory of the stores (default: a temporary one)')
    .option('-o, --out <directory>', 'output directory (default: reports/out/bench-<time>)')
    .option('--resume <directory>', 'resume an interrupted run')
    .option('--force', 'resume on another commit, Node or machine', false)
    .option('--thresholds <rules>', 'exit 3 when one is crossed, as "scans: p(99)<5ms, rate>10k"')
    .option('--keep', 'keep the stores', false)
    .option('--huge-pages', 'ask malloc for huge pages (GLIBC_TUNABLES)', false)
    .option('--list', 'name the workloads', false)
    .option('--json', 'print bench.json', false)
    .action(async (names, options) =>
      ended(await (await import('./bench.ts')).bench(names, options)),
    );
  command
    .command('compare <before> <after>')
    .description(
      'compare two saved runs: what became slower or faster, beyond noise and a threshold',
    )
    .option('--threshold <percent>', 'ignore smaller changes', '10')
    .option('--all', 'also show differences within noise', false)
    .option('--force', 'compare although machine, Node or settings differ', false)
    .action(async (before, after, options) =>
      ended(await (await import('./bench-compare.ts')).benchCompare(before, after, options)),
    );
  command
    .command('history <directories...>')
    .description('find the commits at which a figure of the saved runs changed')
    .option('--threshold <percent>', 'ignore smaller steps; 2 or 4 times as much for tails', '5')
    .option(
      '--recent <number>',
      'exit 1 if a figure became worse within this many of the newest runs',
      '5',
    )
    .option('-s, --seed <number>', 'seed of the shuffles', '1')
    .option('--force', 'put runs of other machines, Nodes and settings into one series', false)
    .option('--all', 'also show figures without a step', false)
    .option('-o, --out <path>', 'path of the HTML page (default: reports/out/bench-history.html)')
    .option('--json', 'print one JSON document', false)
    .action(async (places, options) =>
      ended(await (await import('./bench-history.ts')).benchHistoryCommand(places, options)),
    );
  abCommand(command, ended);
}

function abCommand(command: Command, ended: Ended): void {
  command
    .command('ab [a] [b]')
    .description('measure two commits in alternating pairs; "." is the working tree')
    .option('--pairs <number>', 'measurements of each workload on both commits (default: 10)')
    .option(
      '--workloads <names>',
      'workloads, comma-separated (default: all that both commits have)',
    )
    .option('-n, --records <number>', 'records to load (default: 200k)')
    .option(
      '--threshold <percent>',
      'ignore smaller differences; 2 or 4 times as much for tails',
      '5',
    )
    .option(
      '--correction <name>',
      'correction for multiple comparisons: max-t, holm or bh',
      'max-t',
    )
    .option('--cache <bytes>', 'block cache', '1.5GiB')
    .option('--value-bytes <number>', 'size of a value; keys have 16 bytes', '100')
    .option('--seconds <number>', 'duration of workloads without a fixed number of operations', '2')
    .option('--limit <number>', 'seconds after which a workload is cut short', '600')
    .option('-s, --seed <number>', 'seed of keys, choices and sampled swaps', '1')
    .option(
      '-d, --directory <path>',
      'directory of both trees and stores (default: a temporary one)',
    )
    .option('-o, --out <directory>', 'output directory (default: reports/out/ab-<time>)')
    .option('--resume <directory>', 'resume an interrupted comparison')
    .option(
      '--self-check',
      'plant slowdowns in the working tree, and see whether they are found',
      false,
    )
    .option('--trials <number>', 'comparisons of a self-check for each slowdown', '3')
    .option(
      '--plant <percents>',
      'slowdowns of a self-check in percent, comma-separated; 0 plants none',
      '0,10,20',
    )
    .option('--keep', 'keep trees and stores', false)
    .option('--all', 'also show rows without a difference', false)
    .option('--json', 'print the measurements and the verdict as one JSON document', false)
    .action(async (a, b, options) =>
      ended(await (await import('./bench-ab.ts')).benchAb(a, b, options)),
    );
}
