/** The commands of `assay bench`, with their options. */
import type { Command } from 'commander';

type Ended = (code: number) => void;

export function benchCommands(root: Command, ended: Ended): void {
  const command = root
    .command('bench [workloads...]')
    .enablePositionalOptions()
    .description('measure the engine, with --peers beside LMDB, RocksDB, LevelDB and SQLite')
    .option('-n, --records <number>', 'records to load, like 1M or 100M', '1M')
    .option('--peers', 'the other stores too', false)
    .option('--stores <names>', 'these stores, by commas; the first is compared with the others')
    .option('--repeat <number>', 'how often, for intervals and comparisons', '1')
    .option('--cache <bytes>', "each store's block cache", '1.5GiB')
    .option('--cap-cache', 'where a store can hold less than --cache, give all of them less', false)
    .option('--memory <bytes>', "a limit for each store's processes, page cache included (root)")
    .option('--defaults', 'no options for any store, but for durability; --cache is ignored', false)
    .option('--value-bytes <number>', 'size of a value; keys have 16 bytes', '100')
    .option(
      '--value-sizes <kind>',
      'one, even (up to twice --value-bytes), or two (1 in 16 is large)',
      'one',
    )
    .option('--keys <order>', 'random, or prefixed: 16 more bytes that all keys share', 'random')
    .option('--seconds <number>', 'how long a workload without an end of its own goes on', '10')
    .option('--rate <number>', 'a second, of open-loop (default: 20000) and readers-8')
    .option('--limit <number>', 'seconds after which a workload is cut short', '600')
    .option('-s, --seed <number>', 'what keys and choices are drawn from', '1')
    .option('-d, --directory <path>', 'where the stores live (default: a temporary directory)')
    .option('-o, --out <directory>', 'where figures go (default reports/out/bench-<time>)')
    .option('--resume <directory>', 'go on with a run that was interrupted')
    .option('--force', 'go on with it on another commit, Node or machine all the same', false)
    .option('--thresholds <rules>', 'exit 3 when one is crossed, as "scans: p(99)<5ms, rate>10k"')
    .option('--keep', 'leave the stores behind', false)
    .option('--huge-pages', 'ask malloc for huge pages (GLIBC_TUNABLES)', false)
    .option('--list', 'name the workloads', false)
    .option('--json', 'print bench.json', false)
    .action(async (names, options) =>
      ended(await (await import('./bench.ts')).bench(names, options)),
    );
  command
    .command('compare <before> <after>')
    .description('two saved runs: what became slower or faster, beyond noise and a threshold')
    .option('--threshold <percent>', 'smaller changes do not count', '10')
    .option('--all', 'show what is within noise as well', false)
    .option('--force', 'compare other machines, Nodes and settings all the same', false)
    .action(async (before, after, options) =>
      ended(await (await import('./bench-compare.ts')).benchCompare(before, after, options)),
    );
  command
    .command('history <directories...>')
    .description('all saved runs: when did a figure become worse or better?')
    .option('--threshold <percent>', 'smaller steps do not count; tails have 2 or 4 ×', '5')
    .option(
      '--recent <number>',
      'exit 1 if a figure became worse within this many of the newest runs',
      '5',
    )
    .option('-s, --seed <number>', 'what shuffles are drawn from', '1')
    .option('--force', 'put runs of other machines, Nodes and settings into one series', false)
    .option('--all', 'show figures without a step as well', false)
    .option('-o, --out <path>', 'the HTML page (default reports/out/bench-history.html)')
    .option('--json', 'print one JSON document', false)
    .action(async (places, options) =>
      ended(await (await import('./bench-history.ts')).benchHistoryCommand(places, options)),
    );
  abCommand(command, ended);
}

function abCommand(command: Command, ended: Ended): void {
  command
    .command('ab [a] [b]')
    .description('measure two commits in alternating pairs: is B worse? A dot is the working tree')
    .option('--pairs <number>', 'how often each workload is measured on both (default: 10)')
    .option('--workloads <names>', 'these, by commas (default: all that both commits have)')
    .option('-n, --records <number>', 'records to load (default: 200k)')
    .option('--threshold <percent>', 'smaller differences do not count; tails have 2 or 4 ×', '5')
    .option('--correction <name>', 'for the number of rows: max-t, holm or bh', 'max-t')
    .option('--cache <bytes>', 'block cache', '1.5GiB')
    .option('--value-bytes <number>', 'size of a value; keys have 16 bytes', '100')
    .option('--seconds <number>', 'how long a workload without an end of its own goes on', '2')
    .option('--limit <number>', 'seconds after which a workload is cut short', '600')
    .option('-s, --seed <number>', 'what keys, choices and sampled swaps are drawn from', '1')
    .option('-d, --directory <path>', 'for both trees and stores (default: a temporary directory)')
    .option('-o, --out <directory>', 'where figures go (default reports/out/ab-<time>)')
    .option('--resume <directory>', 'go on with a comparison that was interrupted')
    .option(
      '--self-check',
      'plant slowdowns in the working tree, and see whether they are found',
      false,
    )
    .option('--trials <number>', 'comparisons of a self-check for each slowdown', '3')
    .option('--plant <percents>', 'slowdowns of a self-check, by commas; 0 plants none', '0,10,20')
    .option('--keep', 'leave trees and stores behind', false)
    .option('--all', 'show rows without a difference as well', false)
    .option('--json', 'print the measurements and the verdict as one JSON document', false)
    .action(async (a, b, options) =>
      ended(await (await import('./bench-ab.ts')).benchAb(a, b, options)),
    );
}
