/**
 * Mutant: a planted bug. A named edit of one source file of the engine or the harness, applied to the text when
 * the module is loaded, so that the engine itself carries no flags. The text must be found exactly
 * once; an edit whose text is gone fails loudly.
 */
export type MutantArea =
  | 'log'
  | 'checkpoint'
  | 'manifest'
  | 'isolation'
  | 'compaction'
  | 'graph'
  | 'cache'
  | 'recovery'
  | 'resources'
  | 'environment'
  | 'server'
  | 'hashing'
  | 'surroundings'
  | 'harness'
  | 'plugin';

export interface Mutant {
  readonly name: string;
  readonly area: MutantArea;
  /** What goes wrong, for people. */
  readonly doc: string;
  /** Path from the repository's root; of a plug-in, from the plug-in's own folder. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The scenario that must catch it; of several each must. */
  readonly scenario: string | readonly string[];
  /** The target it is planted in, where that is not the matrix's. */
  readonly target?: string;
  /** Settings it needs, over the matrix's. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

export function defineMutant(mutant: Mutant): Mutant {
  return mutant;
}

export function scenariosOf({ scenario }: Mutant): readonly string[] {
  return typeof scenario === 'string' ? [scenario] : scenario;
}

/** Applies the edit. Throws when the text is not there exactly once. */
export function applyMutant(mutant: Mutant, source: string): string {
  const parts = source.split(mutant.find);
  if (parts.length !== 2) {
    const times = parts.length - 1;
    throw new Error(
      `planted bug ${mutant.name}: its text is ${times} times in ${mutant.file}, not once`,
    );
  }
  return parts.join(mutant.replace);
}
