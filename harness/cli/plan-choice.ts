/** PlanChoice: which cells `run` and `plan` mean, as their options say it. */
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
