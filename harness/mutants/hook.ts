/**
 * The loader hook that plants a bug. Comes in through `NODE_OPTIONS=--import`, because a hook
 * registered in code reaches neither workers nor child processes.
 *
 *     ASSAY_MUTANT       the planted bug, a Mutant as JSON
 *     ASSAY_MUTANT_MARK  file that gets a line from each process that loaded the edited module
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { applyMutant, type Mutant } from './mutant.ts';

const mutant = JSON.parse(process.env.ASSAY_MUTANT ?? 'null') as Mutant | null;
if (mutant === null) throw new Error('ASSAY_MUTANT names no planted bug');
const root = fileURLToPath(new URL('../..', import.meta.url));
const target = pathToFileURL(resolve(root, mutant.file)).href;
const format = /\.[mc]?ts$/.test(mutant.file) ? 'module-typescript' : 'module';

registerHooks({
  load(url, context, nextLoad) {
    if (url !== target) return nextLoad(url, context);
    const source = applyMutant(mutant, readFileSync(fileURLToPath(url), 'utf8'));
    const mark = process.env.ASSAY_MUTANT_MARK;
    if (mark !== undefined) appendFileSync(mark, `${process.pid} ${mutant.file}\n`);
    return { format, source, shortCircuit: true };
  },
});
