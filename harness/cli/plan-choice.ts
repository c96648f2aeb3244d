/** PlanChoice: the cells that the options of `run` and `plan` select. */
import { matrixPlugins } from '../matrix/matrix.ts';
import { matrixPath } from './places.ts';

export interface PlanChoice {
  readonly plugin: readonly string[];
  readonly matrix?: string;
  readonly target?: string;
  readonly set: readonly string[];
  readonly plan: readonly string[];
  readonly mutant?: string;
  readonly seed?: string;
  readonly repeat: string;
  readonly config?: string;
}

/** The options with the plug-ins that their matrix names, after those of `--plugin`. */
export function withMatrixPlugins<T extends PlanChoice>(options: T): T {
  if (options.matrix === undefined) return options;
  const named = matrixPlugins(matrixPath(options.matrix));
  return { ...options, plugin: [...new Set([...options.plugin, ...named])] };
}
