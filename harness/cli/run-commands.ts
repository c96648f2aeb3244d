/** The commands that run cells: `run`. */
import type { Command } from 'commander';
import { run } from './run.ts';
import { gather } from './words.ts';

export function runCommands(root: Command, ended: (code: number) => void): void {
  root
    .command('run [scenario]')
    .description('run a matrix, or one scenario on one target, and write a report')
    .option('-m, --matrix <name>', 'a matrix of matrices/, or a path to one')
    .option('-t, --target <name>', 'the target of a single scenario', 'engine-sim')
    .option(
      '--set <name=value>',
      'a setting of the target; of clusters also via=container (repeatable)',
      gather,
      [],
    )
    .option('--plan <name=number>', "override a number of the scenario's plan", gather, [])
    .option('--mutant <name>', 'plant a bug; the run must catch it')
    .option('-s, --seed <number>', 'the seed everything derives from')
    .option('--plugin <path>', 'a module with a target, workload, … (repeatable)', gather, [])
    .option('--lanes <number>', 'cells at a time', '2')
    .option('--repeat <number>', 'run a single scenario so often, same seed', '1')
    .option('--config <hash>', 'refuse to run when the scenario has changed')
    .option('--require <names>', 'exit 2 when one of these is missing (assay doctor lists them)')
    .option('--bail', 'stop after the first invalid cell', false)
    .option('--time-limit <seconds>', 'stop then, and say what was left out')
    .option(
      '--memory <bytes>',
      'resident memory of one cell (default: 6GiB, at most half of it all)',
    )
    .option('-o, --out <directory>', 'where the run goes (default reports/out/<time>)')
    .option('--resume <directory>', 'run what a stopped or killed run left out, into its report')
    .option('--force', 'resume although the sources have changed since', false)
    .option('--json', 'print results.json to stdout', false)
    .action(async (scenario, options) => ended(await run(scenario, options)));
}
