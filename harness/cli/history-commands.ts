/** The commands of recorded histories: `history stats`, `convert`, `generate`, `shrink`. */
import type { Command } from 'commander';
import { STORE_LEVELS } from '../generator/simulated-store.ts';

export function historyCommands(root: Command, ended: (code: number) => void): void {
  const history = root.command('history').description('work with recorded histories');
  const format = ['--format <name>', 'format of the file (default: detected)'] as const;
  const to = ['--to <format>', 'write jsonl, or edn for Elle', 'jsonl'] as const;
  const out = ['-o, --out <file>', 'where to (default: the standard output)'] as const;
  history
    .command('stats <file>')
    .description('count operations by kind, keys and processes')
    .option(...format)
    .option('--json', 'print one JSON document', false)
    .action(async (file, options) =>
      ended(await (await import('./history.ts')).historyStats(file, options)),
    );
  history
    .command('convert <file>')
    .description('write a history of any known format as JSON Lines or EDN')
    .option(...format)
    .option(...to)
    .option(...out)
    .action(async (file, options) =>
      ended(await (await import('./history.ts')).historyConvert(file, options)),
    );
  history
    .command('generate')
    .description('write a history as a store of an isolation level would give it')
    .option('--workload <name>', 'list-append or rw-register', 'list-append')
    .option('--level <name>', `one of ${STORE_LEVELS.join(', ')}`, 'strict-serializable')
    .option('--anomaly <name>', 'put one anomaly at the end (any name that a check reports)')
    .option('-n, --transactions <number>', 'number of transactions', '1000')
    .option('--clients <number>', 'concurrent clients', '10')
    .option('--keys <number>', 'keys in use at a time', '10')
    .option('--operations <number>', 'most operations of a transaction', '4')
    .option('-s, --seed <number>', 'seed of the history', '1')
    .option(...to)
    .option(...out)
    .action(async (options) =>
      ended(await (await import('./history.ts')).historyGenerate(options)),
    );
  history
    .command('shrink <file>')
    .description('reduce a failing history to the few operations that fail')
    .option('--anomaly <name>', 'anomaly to keep (default: the first found)')
    .option('--model <level>', 'isolation level that must stay violated')
    .option('--workload <name>', 'default: by content')
    .option(...format)
    .option(...to)
    .option(...out)
    .action(async (file, options) =>
      ended(await (await import('./history.ts')).historyShrink(file, options)),
    );
}
