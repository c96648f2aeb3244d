/**
 * The command line. Results go to stdout, progress and complaints to stderr. Exit codes as
 * Jepsen's: 0 valid, 1 invalid, 2 unknown, 254 bad arguments, 255 internal error.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { WORKLOADS } from '../consistency/offline/workloads.ts';
import { exitCode } from '../contract/verdict.ts';
import { FormatError } from '../history/format-error.ts';
import { FORMATS } from '../history/read-history.ts';
import { UsageError } from '../matrix/registry.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from '../real/toxiproxy/defaults.ts';
import {
  DEFAULT_HEALTH_PORT as ENGINE_HEALTH_PORT,
  DEFAULT_PORT as ENGINE_PORT,
} from '../targets/reference-engine-server/ports.ts';
import { benchCommands } from './bench-commands.ts';
import { historyCommands } from './history-commands.ts';
import { ROOT } from './places.ts';
import { applyProject, NO_PROJECT, openProject } from './project.ts';
import { runCommands } from './run-commands.ts';
import { whyNot } from './run-directory.ts';
import { simulationCommands } from './simulation-commands.ts';
import { columns, gather } from './words.ts';

export const EXIT_USAGE = 254;
export const EXIT_INTERNAL = 255;

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return `assay ${version} (Node ${process.versions.node})`;
}

function program(ended: (code: number) => void): Command {
  const root = new Command('assay')
    .enablePositionalOptions() // those behind a command are that command's
    .description('Proves that a storage engine is ready for production.')
    .version(versionOf(), '-V, --version', 'print the version of Assay and of Node')
    .configureOutput({ getOutHelpWidth: columns, getErrHelpWidth: columns })
    .configureHelp({ minWidthToWrap: 20 })
    .showSuggestionAfterError()
    .showHelpAfterError('(assay --help shows what there is)')
    .exitOverride();

  root
    .command('init [directory]')
    .description('write a config, a target to fill in, a test, a matrix and a CI workflow')
    .option('--name <name>', 'name of the target', 'mine')
    .action(async (directory, options) =>
      ended(await (await import('./init.ts')).init(directory ?? '.', options)),
    );
  runCommands(root, ended);
  root
    .command('replay <record>')
    .description('run the cell of a saved record again and compare')
    .option('-n, --repeat <number>', 'number of runs (default: 1 simulated, 3 real)')
    .option('--plugin <path>', 'plug-in module to load (repeatable)', gather, [])
    .action(async (path, options) =>
      ended(await (await import('./replay.ts')).replay(path, options)),
    );
  root
    .command('check [files...]')
    .description('judge histories: isolation levels of transactions, linearizability, and more')
    .option(
      '--model <level>',
      'isolation level that decides the verdict (default: the strongest decidable)',
    )
    .option('--workload <name>', `default: by content. One of ${WORKLOADS.join(', ')}`)
    .option('--format <name>', `default: by content. One of ${[...FORMATS.keys()].join(', ')}`)
    .option('--independent', 'values are pairs of a key and its own value')
    .option('--version-orders <file>', 'registers: JSON of keys with their values in order')
    .option('--total <number>', 'bank: sum of all balances')
    .option('--negative-balances', 'bank: balances may be below zero', false)
    .option('--witness', 'print an order of transactions that proves the level', false)
    .option('--initial <value>', 'initial value of registers, besides nil')
    .option('--search-steps <n>', 'budget of search steps, shared by all levels')
    .option('--verify', 'verify a witness for every level that holds', false)
    .option('--json', 'print one JSON document', false)
    .option('--html <file>', 'write a page with the cycles and timelines drawn')
    .action(async (files, options) =>
      ended(await (await import('./check.ts')).check(files, options)),
    );
  historyCommands(root, ended);
  benchCommands(root, ended);
  simulationCommands(root, ended);
  root
    .command('toxiproxy')
    .description('run the embedded Toxiproxy: its HTTP API, seeded, and one-way cuts')
    .option('--host <name>', 'address of the API', DEFAULT_HOST)
    .option('-p, --port <number>', '0 for any free one', String(DEFAULT_PORT))
    .option('-s, --seed <number>', 'seed of toxicity, jitter and loss', '1')
    .option('-c, --config <file>', 'JSON of the initial proxies, as for /populate')
    .option('--proxy-metrics', 'answer /metrics with the bytes of each proxy', false)
    .option('--runtime-metrics', 'serve runtime figures at /metrics', false)
    .action(async (options) => ended(await (await import('./toxiproxy.ts')).toxiproxy(options)));
  const engine = root.command('engine').description('the reference engine');
  engine
    .command('serve <directory>')
    .description('serve a store over gRPC, with health and metrics over HTTP, until SIGTERM')
    .option(
      '--host <name>',
      'address to listen on; every client that reaches it has full access',
      '127.0.0.1',
    )
    .option('-p, --port <number>', 'of gRPC; 0 for any free one', String(ENGINE_PORT))
    .option('--health-port <number>', '0 for any free one', String(ENGINE_HEALTH_PORT))
    .option('--set <name=value>', 'an option of the engine (repeatable)', gather, [])
    .option('--limit <name=number>', 'a limit of the server (repeatable)', gather, [])
    .option('--tls-key <file>', "the server's key, PEM")
    .option('--tls-certificate <file>', "the server's certificate, PEM")
    .option('--tls-client-authority <file>', 'refuse clients without a certificate of this one')
    .action(async (directory, options) =>
      ended(await (await import('./engine.ts')).engineServe(directory, options)),
    );
  root
    .command('list [kind]')
    .description(
      'scenarios, targets, and all else that has a name; assay list kinds names the kinds',
    )
    .option('--plugin <path>', 'plug-in module to load (repeatable)', gather, [])
    .option('-t, --target <name>', 'scenarios: only those that can be run on this target')
    .action(async (kind, options) => ended(await (await import('./list.ts')).list(kind, options)));
  root
    .command('report [directory]')
    .description('write the reports of a saved run again (default: the latest)')
    .action(async (directory) => ended(await (await import('./report.ts')).report(directory)));
  root
    .command('doctor')
    .description('show what this machine can run, and how to install what is missing')
    .option('--disk <directory>', 'measure the disk below a directory: throughput, syncs, features')
    .option('--size <bytes>', 'with --disk: of the file that is written', '256MiB')
    .option('--json', 'with --disk: print one JSON document', false)
    .action(async ({ disk, ...options }) =>
      ended(
        disk === undefined
          ? await (await import('./doctor.ts')).doctor()
          : await (await import('./doctor-disk.ts')).doctorDisk(disk, options),
      ),
    );
  root
    .command('verify <directory>')
    .description("check a closed store's files and name every damaged place")
    .option('-t, --target <name>', 'target that wrote the store', 'engine')
    .option('--repair', 'repair a damaged store, and report what was lost', false)
    .option('--plugin <path>', 'plug-in module to load (repeatable)', gather, [])
    .action(async (directory, options) =>
      ended(await (await import('./verify.ts')).verify(directory, options)),
    );
  return root;
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
    const commands = program((ended) => {
      code = ended;
    });
    const project = args[0] === 'init' ? NO_PROJECT : await openProject(process.cwd());
    commands.hook('preAction', (_, one) => applyProject(one, project));
    await commands.parseAsync(args[0] === 'toxiproxy' ? args.map(withTwoDashes) : [...args], {
      from: 'user',
    });
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
      console.error(`assay: ${whyNot(error)}`);
      return EXIT_USAGE;
    }
    console.error(error);
    return EXIT_INTERNAL;
  }
}
