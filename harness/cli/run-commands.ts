/** The commands that run cells, and those that plan and merge runs. */
import type { Command } from 'commander';
import { gather } from './words.ts';

export function runCommands(root: Command, ended: (code: number) => void): void {
  whichCells(root.command('run [scenario]'))
    .description('run a matrix, or one scenario on one target, and write a report')
    .option('--lanes <number>', 'concurrent cells', '2')
    .option('--require <names>', 'exit 2 when one of these is missing (assay list requirements)')
    .option('--bail', 'stop after the first invalid cell', false)
    .option('--time-limit <seconds>', 'stop after this time, and report what was left out')
    .option('--shard <i/n>', 'run the i-th of n parts of the cells; assay merge joins them')
    .option(
      '--memory <bytes>',
      'resident memory of one cell (default: 6GiB, at most half of it all)',
    )
    .option('-o, --out <directory>', 'output directory (default: reports/out/<time>)')
    .option('--resume <directory>', 'run what a stopped or killed run left out, into its report')
    .option('--force', 'resume although the sources have changed', false)
    .option(
      '--last-failed [directory]',
      'repeat the cells of a run that failed (default: the latest run)',
    )
    .option('--json', 'print results.json to stdout', false)
    .action(async (scenario, options) =>
      ended(await (await import('./run.ts')).run(scenario, options)),
    );
  whichCells(root.command('plan [scenario]'))
    .description('name the cells of a run, and the shard of each, without running any')
    .option('--shards <number>', 'number of parts', '1')
    .option('--format <name>', 'text, json, or github: one line for the matrix of a job', 'text')
    .action(async (scenario, options) =>
      ended(await (await import('./plan.ts')).plan(scenario, options)),
    );
  root
    .command('schema')
    .description('print the JSON Schema of a matrix file, for editors')
    .action(async () => {
      const { matrixJsonSchema } = await import('../matrix/matrix-schema.ts');
      console.log(JSON.stringify(matrixJsonSchema(), null, 2));
      ended(0);
    });
  root
    .command('merge <directories...>')
    .description('join the shards of one run into one report')
    .option('-o, --out <directory>', 'output directory (default: reports/out/<time>)')
    .option('--json', 'print results.json to stdout', false)
    .action(async (directories, options) =>
      ended(await (await import('./merge.ts')).merge(directories, options)),
    );
}

function whichCells(command: Command): Command {
  return command
    .option('-m, --matrix <name>', 'a matrix of matrices/, or a path to one')
    .option(
      '-t, --target <name>',
      'without a scenario all that apply to it (default for a scenario: engine-sim)',
    )
    .option(
      '--set <name=value>',
      'a setting of the target; of clusters also via=container (repeatable)',
      gather,
      [],
    )
    .option('--plan <name=number>', "override a number of the scenario's plan", gather, [])
    .option('--mutant <name>', 'plant a bug; the run must catch it')
    .option(
      '-s, --seed <number>',
      'seed of the run (default: the matrix names one, or it is drawn and printed)',
    )
    .option('--plugin <path>', 'a module with a target, workload, … (repeatable)', gather, [])
    .option('--repeat <number>', 'number of runs of a single scenario, with the same seed', '1')
    .option('--config <hash>', 'refuse to run when the scenario has changed');
}
