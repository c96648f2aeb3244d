import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './catalogue.ts';
import { applyMutant } from './mutant.ts';

describe('the catalogue of planted bugs', () => {
  it.each(MUTANTS)('$name changes a text that is in $file exactly once', (mutant) => {
    const source = readFileSync(new URL(`../../${mutant.file}`, import.meta.url), 'utf8');
    const edited = applyMutant(mutant, source);
    expect(edited).not.toBe(source);
  });

  it('has a name of its own for each', () => {
    const names = MUTANTS.map((mutant) => mutant.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refuses an edit whose text is gone', () => {
    expect(() => applyMutant(MUTANTS[0]!, 'something else')).toThrow('0 times');
  });
});
