/**
 * Project: what `assay.config.ts` says, so that no flag needs to be repeated. Paths are relative to that
 * file.
 */
export interface Project {
  /** Modules with a target, workload, checker, fault, scenario or planted bug. */
  readonly plugins?: readonly string[];
  /** Whom `run`, `plan`, `power-loss`, `soak` and `verify` mean when no target is named. */
  readonly target?: string;
  /** A folder of matrices; `--matrix NAME` finds them. */
  readonly matrices?: string;
  /** A folder of readiness checklists, in the place of the built-in ones. */
  readonly checklists?: string;
  /** Where runs go. */
  readonly out?: string;
}

/** Declares a project: the default export of `assay.config.ts`. */
export function defineConfig(project: Project): Project {
  return project;
}
