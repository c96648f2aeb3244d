/**
 * The commands that look for faults by themselves: `explore`, `sim`, `power-loss`, `soak`, `mutants`.
 */
import type { Command } from 'commander';
import { FIND_TRIES } from '../runner/run-cell.ts';
import { gather } from './words.ts';

export function simulationCommands(root: Command, ended: (code: number) => void): void {
  root
    .command('explore [workloads...]')
    .description('crash every small workload at every step, in every way that is legal there')
    .option('-t, --target <name>', 'a simulated target', 'engine-sim')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('--length <number>', 'run every workload of up to n operations', '2')
    .option('--longer <number>', 'then run random workloads of n operations; 0 for none', '0')
    .option('--states <number>', 'stop after n distinct states', '1M')
    .option('--seconds <number>', 'stop after n seconds')
    .option('-s, --seed <number>', 'what samples are drawn from', '1')
    .option('--sector <bytes>', 'what is written whole or not at all: 512 or 4096', '512')
    .option(
      '--exhaustive <pieces>',
      'try every subset of up to n unsynced pieces; of more, a sample',
      '6',
    )
    .option('--plugin <path>', 'a module to load as well (repeatable)', gather, [])
    .option('--list', 'name the operations that workloads are made of', false)
    .option('--json', 'print one JSON document', false)
    .action(async (words, options) =>
      ended(await (await import('./explore.ts')).exploreCommand(words, options)),
    );
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
    .action(async (name, options) =>
      ended(await (await import('./sim.ts')).sim(name ?? 'storm-append', options)),
    );
  root
    .command('power-loss')
    .description(
      'cut the power under databases of this machine; what they acknowledged must be there',
    )
    .option('-t, --target <names>', 'systems, by commas (default: all; with --plugin its own)')
    .option('--plugin <path>', 'a module with an embedded target (repeatable)', gather, [])
    .option('--set <name=value>', "a setting of the plug-ins' targets (repeatable)", gather, [])
    .option('--cycles <number>', 'cuts of each configuration (default: 3; with --every all steps)')
    .option('--records <number>', 'writes before a cut', '150')
    .option('-s, --seed <number>', 'when power goes, and what is kept', '1')
    .option('--fs <name>', 'whose promises the file system keeps; --list names them', 'ext4')
    .option('--lying-disk', 'the disk calls syncs done that are not: all must lose', false)
    .option('--states <number>', 'states after each cut that the system is started on', '1')
    .option('--clients <number>', 'writes that are on their way at a time', '1')
    .option('--rare <cuts>', 'repeat configurations that lose rarely, up to n cuts', '0')
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
    .action(async (options) => ended(await (await import('./power-loss.ts')).powerLoss(options)));
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
    .option('--resume <directory>', 'resume a soak that was stopped or killed')
    .option('--report <directory>', 'write the report of one as far as it is, also while it runs')
    .option('--plugin <path>', 'a module with a target (repeatable)', gather, [])
    .action(async (options) => ended(await (await import('./soak.ts')).soak(options)));
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
    .action(async (names, options) =>
      ended(await (await import('./mutants.ts')).mutants(names, { ...options, bail: false })),
    );
}
