/**
 * The commands that look for faults by themselves: `explore`, `sim`, `power-loss`, `soak`, `mutants`.
 */
import type { Command } from 'commander';
import { FIND_TRIES } from '../cells/run-cell.ts';
import { gather } from './words.ts';

export function simulationCommands(root: Command, ended: (code: number) => void): void {
  root
    .command('explore [workloads...]')
    .description('crash every small workload at every step, in every way a disk allows')
    .option('-t, --target <name>', 'a simulated target', 'engine-sim')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('--length <number>', 'run every workload of up to n operations', '2')
    .option('--longer <number>', 'then run random workloads of n operations; 0 for none', '0')
    .option('--states <number>', 'stop after n distinct states', '1M')
    .option('--seconds <number>', 'stop after n seconds')
    .option('-s, --seed <number>', 'seed of the samples', '1')
    .option('--sector <bytes>', 'unit of atomic writes: 512 or 4096', '512')
    .option(
      '--exhaustive <pieces>',
      'try every subset of up to n unsynced pieces; of more, a sample',
      '6',
    )
    .option('--plugin <path>', 'plug-in module to load (repeatable)', gather, [])
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
    .option('-n, --seeds <number>', 'number of storms', '100')
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
    .option('--faults <names>', 'faults, comma-separated, or none (default: drawn for each seed)')
    .option('-s, --seed <number>', 'seed from which each storm derives its own', '1')
    .option('--run-seed <number>', 'run one storm with this seed')
    .option('--twice', 'run each storm twice: both must give the same history', false)
    .option('--no-keep', 'do not keep a failing storm in scenarios/regressions')
    .option('--plugin <path>', 'plug-in module to load (repeatable)', gather, [])
    .option('--json', 'print one JSON document', false)
    .action(async (name, options) =>
      ended(await (await import('./sim.ts')).sim(name ?? 'storm-append', options)),
    );
  root
    .command('power-loss')
    .description(
      'cut the power under databases of this machine; what they acknowledged must be there',
    )
    .option(
      '-t, --target <names>',
      'systems, comma-separated (default: all; with --plugin those of the plug-in)',
    )
    .option('--plugin <path>', 'a module with an embedded target (repeatable)', gather, [])
    .option('--set <name=value>', "a setting of the plug-ins' targets (repeatable)", gather, [])
    .option('--cycles <number>', 'cuts of each configuration (default: 3; with --every all steps)')
    .option('--records <number>', 'writes before a cut', '150')
    .option('-s, --seed <number>', 'seed of the cuts and of what they keep', '1')
    .option('--fs <name>', 'file system to model; --list names them', 'ext4')
    .option(
      '--lying-disk',
      'report syncs as done without doing them: every configuration must lose',
      false,
    )
    .option('--states <number>', 'states tried after each cut', '1')
    .option('--clients <number>', 'writes in flight', '1')
    .option('--rare <cuts>', 'repeat configurations that lose rarely, up to n cuts', '0')
    .option(
      '--slice',
      'of each system one that keeps and one that loses, as with each commit',
      false,
    )
    .option('--lanes <number>', 'concurrent configurations', '1')
    .option('--every', 'cut inside every step of a run, or the first --cycles', false)
    .option('--nested', 'cut the recovery from the last state of each cut as well', false)
    .option('--keep <numbers>', 'pending changes to keep, comma-separated')
    .option('--torn', 'tear the newest write that --keep names', false)
    .option('--fault <name>', 'writes or syncs fail or lie before the cut; --list names how')
    .option('--at <number>', 'first write or sync that the fault hits', '10')
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
    .option('--hours <number>', 'hours of load, earlier parts of a resumed run included', '8')
    .option('-t, --target <name>', 'an embedded target', 'engine')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('--keys <number>', 'keys of the store', '100000')
    .option('--clients <number>', 'clients at a time', '8')
    .option('--life <seconds>', 'seconds from one kill or restart to the next', '600')
    .option('-s, --seed <number>', 'seed of the load and of the kills', '1')
    .option('-o, --out <directory>', 'output directory (default: reports/out/soak-<time>)')
    .option('--resume <directory>', 'resume a soak that was stopped or killed')
    .option('--report <directory>', 'write the report of one as far as it is, also while it runs')
    .option('--plugin <path>', 'a module with a target (repeatable)', gather, [])
    .action(async (options) => ended(await (await import('./soak.ts')).soak(options)));
  root
    .command('mutants [names...]')
    .description('plant bugs, one at a time; each must be caught by the scenario it names')
    .option('--area <name>', 'only those of one area: log, manifest, isolation, …')
    .option('-t, --target <name>', 'target of bugs that name none', 'engine-sim')
    .option('--set <name=value>', 'a setting of the target (repeatable)', gather, [])
    .option('-s, --seed <number>', 'seed of the run', '1')
    .option('--lanes <number>', 'concurrent bugs', '2')
    .option('--plugin <path>', 'plug-in module to load (repeatable)', gather, [])
    .option('-o, --out <directory>', 'output directory (default: reports/out/mutants-<time>)')
    .option('--tries <number>', 'seeds tried before a bug counts as survived', String(FIND_TRIES))
    .option('--limit <seconds>', "time limit of each try (default: the scenario's)")
    .option('--where-seen', 'run each bug in every scenario that fits, and say which see it', false)
    .option('--no-shrink', 'skip the search for the smallest run that catches each bug')
    .option('--list', 'name the bugs', false)
    .option('--json', 'print results.json to stdout', false)
    .action(async (names, options) =>
      ended(await (await import('./mutants.ts')).mutants(names, { ...options, bail: false })),
    );
}
