/**
 * The command line. Results go to stdout, progress and complaints to stderr. Exit codes as
 * Jepsen's: 0 valid, 1 invalid, 2 unknown, 254 bad arguments, 255 internal error.
 */
import { Command, CommanderError } from 'commander';
import { WORKLOADS } from '../checkers/offline/workloads.ts';
import { exitCode } from '../contract/verdict.ts';
import { STORE_LEVELS } from '../generator/simulated-store.ts';
import { FormatError } from '../history/format-error.ts';
import { FORMATS } from '../history/read-history.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from '../real/toxiproxy/server.ts';
import { UsageError } from '../runner/registry.ts';
import { FIND_TRIES } from '../runner/run-cell.ts';
import {
  DEFAULT_HEALTH_PORT as ENGINE_HEALTH_PORT,
  DEFAULT_PORT as ENGINE_PORT,
} from '../targets/reference-engine-serve.ts';
import { benchCommands } from './bench-commands.ts';
import { check } from './check.ts';
import { doctor } from './doctor.ts';
import { doctorDisk } from './doctor-disk.ts';
import { engineServe } from './engine.ts';
import { exploreCommand } from './explore.ts';
import { historyConvert, historyGenerate, historyShrink, historyStats } from './history.ts';
import { list } from './list.ts';
import { mutants } from './mutants.ts';
import { powerLoss } from './power-loss.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { runCommands } from './run-commands.ts';
import { sim } from './sim.ts';
import { soak } from './soak.ts';
import { toxiproxy } from './toxiproxy.ts';
import { verify } from './verify.ts';
import { gather } from './words.ts';

export const EXIT_USAGE = 254;
export const EXIT_INTERNAL = 255;

function program(ended: (code: number) => void): Command {
  const root = new Command('assay')
    .enablePositionalOptions() // those behind a command are that command's
    .description('Proves that a storage engine is ready for production.')
    .showSuggestionAfterError()
    .showHelpAfterError('(assay --help shows what there is)')
    .exitOverride();

  runCommands(root, ended);
  root
    .command('replay <record>')
    .description('run the cell of a saved record again and compare')
    .option('-n, --repeat <number>', 'how often (default: 1 simulated, 3 real)')
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .action(async (path, options) => ended(await replay(path, options)));
  root
    .command('check [files...]')
    .description('judge histories: isolation levels of transactions, linearizability, and more')
    .option('--model <level>', 'the level that decides (default: the strongest that can be told)')
    .option('--workload <name>', `default: by content. One of ${WORKLOADS.join(', ')}`)
    .option('--format <name>', `default: by content. One of ${[...FORMATS.keys()].join(', ')}`)
    .option('--independent', 'values are pairs of a key and its own value')
    .option('--version-orders <file>', 'registers: JSON of keys with their values in order')
    .option('--total <number>', 'bank: what all balances add up to')
    .option('--negative-balances', 'bank: balances may be below zero', false)
    .option('--witness', 'print an order of transactions that proves the level', false)
    .option('--initial <value>', 'what a register holds before it is written, besides nil')
    .option('--search-steps <n>', 'steps that searches of levels may take together')
    .option('--verify', 'let the verifier of witnesses prove every level that holds', false)
    .option('--json', 'print one JSON document', false)
    .option('--html <file>', 'write a page with the cycles and timelines drawn')
    .action((files, options) => ended(check(files, options)));
  historyCommands(root, ended);
  benchCommands(root, ended);
  simulationCommands(root, ended);
  root
    .command('toxiproxy')
    .description('run the embedded Toxiproxy: its HTTP API, seeded, with one-way cuts besides')
    .option('--host <name>', 'where the API listens', DEFAULT_HOST)
    .option('-p, --port <number>', '0 for any free one', String(DEFAULT_PORT))
    .option('-s, --seed <number>', 'what toxicity, jitter and loss are rolled from', '1')
    .option('-c, --config <file>', 'JSON of proxies to begin with, as for /populate')
    .option('--proxy-metrics', 'answer /metrics with the bytes of each proxy', false)
    .option('--runtime-metrics', 'answer /metrics, too', false)
    .action(async (options) => ended(await toxiproxy(options)));
  const engine = root.command('engine').description('the reference engine');
  engine
    .command('serve <directory>')
    .description('serve a store over gRPC, with health and metrics over HTTP, until SIGTERM')
    .option('--host <name>', 'where to listen; whoever reaches it may do everything', '127.0.0.1')
    .option('-p, --port <number>', 'of gRPC; 0 for any free one', String(ENGINE_PORT))
    .option('--health-port <number>', '0 for any free one', String(ENGINE_HEALTH_PORT))
    .option('--set <name=value>', 'an option of the engine (repeatable)', gather, [])
    .option('--limit <name=number>', 'a limit of the server (repeatable)', gather, [])
    .option('--tls-key <file>', "the server's key, PEM")
    .option('--tls-certificate <file>', "the server's certificate, PEM")
    .option('--tls-client-authority <file>', 'refuse clients without a certificate of this one')
    .action(async (directory, options) => ended(await engineServe(directory, options)));
  root
    .command('list [kind]')
    .description('scenarios, targets, workloads, checkers, mutants and matrices there are')
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .option('-t, --target <name>', 'scenarios: only those that can be run on this target')
    .action(async (kind, options) => ended(await list(kind, options)));
  root
    .command('report [directory]')
    .description('write the reports of a saved run again (default: the latest)')
    .action((directory) => ended(report(directory)));
  root
    .command('doctor')
    .description('what this machine can do, and how to install what is missing')
    .option('--disk <directory>', 'measure the disk below a directory: throughput, syncs, features')
    .option('--size <bytes>', 'with --disk: of the file that is written', '256MiB')
    .option('--json', 'with --disk: print one JSON document', false)
    .action(async ({ disk, ...options }) =>
      ended(disk === undefined ? await doctor() : await doctorDisk(disk, options)),
    );
  root
    .command('verify <directory>')
    .description("walk a closed store's files and name every damaged place")
    .option('-t, --target <name>', 'whose store it is', 'engine')
    .option('--repair', 'make a damaged store open again, and say what was given up', false)
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .action(async (directory, options) => ended(await verify(directory, options)));
  return root;
}

function historyCommands(root: Command, ended: (code: number) => void): void {
  const history = root.command('history').description('work with recorded histories');
  const format = ['--format <name>', 'the format of the file (default: by content)'] as const;
  const to = ['--to <format>', 'write jsonl, or edn for Elle', 'jsonl'] as const;
  const out = ['-o, --out <file>', 'where to (default: the standard output)'] as const;
  history
    .command('stats <file>')
    .description('how many operations of which kind, keys and processes')
    .option(...format)
    .option('--json', 'print one JSON document', false)
    .action((file, options) => ended(historyStats(file, options)));
  history
    .command('convert <file>')
    .description('write a history of any known format as JSON Lines or EDN')
    .option(...format)
    .option(...to)
    .option(...out)
    .action((file, options) => ended(historyConvert(file, options)));
  history
    .command('generate')
    .description('write a history as a store of an isolation level would give it')
    .option('--workload <name>', 'list-append or rw-register', 'list-append')
    .option('--level <name>', `one of ${STORE_LEVELS.join(', ')}`, 'strict-serializable')
    .option('--anomaly <name>', 'put one anomaly at the end (any name that a check reports)')
    .option('-n, --transactions <number>', 'how many', '1000')
    .option('--clients <number>', 'clients at a time', '10')
    .option('--keys <number>', 'keys in use at a time', '10')
    .option('--operations <number>', 'operations of a transaction at most', '4')
    .option('-s, --seed <number>', 'same seed, same history', '1')
    .option(...to)
    .option(...out)
    .action((options) => ended(historyGenerate(options)));
  history
    .command('shrink <file>')
    .description('reduce a failing history to the few operations that fail')
    .option('--anomaly <name>', 'which to keep (default: the first found)')
    .option('--model <level>', 'the level that must stay violated')
    .option('--workload <name>', 'default: by content')
    .option(...format)
    .option(...to)
    .option(...out)
    .action((file, options) => ended(historyShrink(file, options)));
}

function simulationCommands(root: Command, ended: (code: number) => void): void {
  root
    .command('explore [workloads...]')
    .description('crash every small workload at every step, in every way that is legal there')
    .option('-t, --target <name>', 'a simulated target', 'engine-sim')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('--length <number>', 'all workloads of up to so many operations', '2')
    .option('--longer <number>', 'then workloads of so many, at random; 0 for none', '0')
    .option('--states <number>', 'stop after so many distinct states', '1M')
    .option('--seconds <number>', 'stop after so long')
    .option('-s, --seed <number>', 'what samples are drawn from', '1')
    .option('--sector <bytes>', 'what is written whole or not at all: 512 or 4096', '512')
    .option('--exhaustive <pieces>', 'every subset of so many unsynced pieces; more: a sample', '6')
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .option('--list', 'name the operations that workloads are made of', false)
    .option('--json', 'print one JSON document', false)
    .action(async (words, options) => ended(await exploreCommand(words, options)));
  root
    .command('sim [scenario]')
    .description(
      'storms in virtual time: crashes, failing disks, bad clocks and networks, from a seed',
    )
    .option('-t, --target <name>', 'a simulated target', 'engine-sim')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('-n, --seeds <number>', 'how many storms', '100')
    .option('--operations <number>', "operations of a storm (default: the scenario's)")
    .option('--clients <number>', "clients of a storm (default: the scenario's)")
    .option(
      '--crash-every <ms>',
      "virtual time between crashes, on average (default: the scenario's)",
    )
    .option(
      '--think <ms>',
      "the longest pause of a client, in virtual time (default: the scenario's)",
    )
    .option('--faults <names>', 'these faults, by commas, or none (default: drawn for each seed)')
    .option('-s, --seed <number>', 'the seed that the storms draw theirs from', '1')
    .option('--run-seed <number>', 'one storm, with this seed')
    .option('--twice', 'run each storm twice: both must give the same history', false)
    .option('--no-keep', 'do not keep a failing storm in scenarios/regressions')
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .option('--json', 'print one JSON document', false)
    .action(async (name, options) => ended(await sim(name ?? 'storm-append', options)));
  root
    .command('power-loss')
    .description(
      'cut the power under databases of this machine; what they acknowledged must be there',
    )
    .option('-t, --target <names>', 'systems, by commas (default: all)')
    .option('--cycles <number>', 'cuts of each configuration (default: 3; with --every all steps)')
    .option('--records <number>', 'writes before a cut', '150')
    .option('-s, --seed <number>', 'when power goes, and what is kept', '1')
    .option('--fs <name>', 'whose promises the file system keeps; --list names them', 'ext4')
    .option('--lying-disk', 'the disk calls syncs done that are not: all must lose', false)
    .option('--states <number>', 'states after each cut that the system is started on', '1')
    .option('--clients <number>', 'writes that are on their way at a time', '1')
    .option('--rare <cuts>', 'try what loses rarely too, up to so many cuts', '0')
    .option(
      '--slice',
      'of each system one that keeps and one that loses, as with each commit',
      false,
    )
    .option('--lanes <number>', 'configurations at a time', '1')
    .option('--every', 'cut inside every step of a run, or the first --cycles', false)
    .option('--nested', 'cut the recovery from the last state of each cut as well', false)
    .option('--keep <numbers>', 'keep these changes of those that were pending, by commas')
    .option('--torn', 'tear the newest write that --keep names', false)
    .option('--fault <name>', 'writes or syncs fail or lie before the cut; --list names how')
    .option('--at <number>', 'the first write or sync that is struck', '10')
    .option('--strace', 'make the fault in system calls of the process, by strace', false)
    .option(
      '-o, --out <directory>',
      'write figures and report there; that of a run: into its report',
    )
    .option('--list', 'name the configurations, file systems and faults', false)
    .option('--json', 'print one JSON document', false)
    .action(async (options) => ended(await powerLoss(options)));
  root
    .command('soak')
    .description('mixed load on one store for hours, with kills and restarts; finds leaks')
    .option('--hours <number>', 'of load, those of earlier parts included', '8')
    .option('-t, --target <name>', 'an embedded target', 'engine')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('--keys <number>', 'keys of the store', '100000')
    .option('--clients <number>', 'clients at a time', '8')
    .option('--life <seconds>', 'from one kill or restart to the next', '600')
    .option('-s, --seed <number>', 'what clients do, and how lives end', '1')
    .option('-o, --out <directory>', 'where it goes (default reports/out/soak-<time>)')
    .option('--resume <directory>', 'go on with one that was stopped or killed')
    .option('--report <directory>', 'write the report of one as far as it is, also while it runs')
    .option('--plugin <path>', 'a module with a target (repeatable)', gather, [])
    .action(async (options) => ended(await soak(options)));
  root
    .command('mutants [names...]')
    .description('plant bugs, one at a time; each must be caught by the scenario it names')
    .option('--area <name>', 'only those of one area: log, manifest, isolation, …')
    .option('-t, --target <name>', 'where bugs are planted that name no target', 'engine-sim')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('-s, --seed <number>', 'the seed everything derives from', '1')
    .option('--lanes <number>', 'bugs at a time', '2')
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .option('-o, --out <directory>', 'where the run goes (default reports/out/mutants-<time>)')
    .option('--tries <number>', 'seeds of each bug before it has survived', String(FIND_TRIES))
    .option('--limit <seconds>', "time limit of each try (default: the scenario's)")
    .option('--where-seen', 'run each bug in every scenario that fits, and say which see it', false)
    .option('--no-shrink', 'do not look for the smallest run that catches each')
    .option('--list', 'name the bugs', false)
    .option('--json', 'print results.json to stdout', false)
    .action(async (names, options) => ended(await mutants(names, { ...options, bail: false })));
}

/** Toxiproxy's own flags have one dash: `-host`, `-port`, `-config`, `-seed`, `-proxy-metrics`. */
const withTwoDashes = (word: string) => word.replace(/^-(?=[a-z]{2})/, '--');

const FILE_ERRORS = 'ENOENT EACCES EISDIR ENOTDIR EPERM EEXIST EROFS ENOSPC EDQUOT'.split(' ');

/** A file that was named can't be opened or written. */
function isFileError(error: unknown): error is Error {
  const code = (error as NodeJS.ErrnoException)?.code ?? '';
  return error instanceof Error && FILE_ERRORS.includes(code);
}

/** Runs a command line; answers the exit code. Never throws. */
export async function runCli(args: readonly string[]): Promise<number> {
  let code = 0;
  try {
    await program((ended) => {
      code = ended;
    }).parseAsync(args[0] === 'toxiproxy' ? args.map(withTwoDashes) : [...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof UsageError) {
      console.error(`assay: ${error.message}`);
      return EXIT_USAGE;
    }
    if (error instanceof FormatError) {
      console.error(`assay: ${error.message}`);
      return exitCode(['unknown']);
    }
    if (isFileError(error)) {
      console.error(`assay: ${error.message}`);
      return EXIT_USAGE;
    }
    console.error(error);
    return EXIT_INTERNAL;
  }
}
