/**
 * The loader hook that plants a bug. Comes in through `NODE_OPTIONS=--import`, because a hook
 * registered in code reaches neither workers nor child processes.
 *
 *     ASSAY_MUTANT       name of the planted bug
 *     ASSAY_MUTANT_MARK  file that gets a line from each process that loaded the edited module
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './catalogue.ts';
import { applyMutant } from './mutant.ts';

const name = process.env.ASSAY_MUTANT;
const mutant = MUTANTS.find((candidate) => candidate.name === name);
if (mutant === undefined) throw new Error(`there is no planted bug ${name}`);
const target = new URL(`../../${mutant.file}`, import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    if (url !== target) return nextLoad(url, context);
    const source = applyMutant(mutant, readFileSync(fileURLToPath(url), 'utf8'));
    const mark = process.env.ASSAY_MUTANT_MARK;
    if (mark !== undefined) appendFileSync(mark, `${process.pid} ${mutant.file}\n`);
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
