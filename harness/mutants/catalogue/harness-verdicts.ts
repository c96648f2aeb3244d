/** Planted bugs on the way from a verdict to the report; self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;

export const HARNESS_VERDICT_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'failed-cell-passes',
    doc: 'a cell whose checker found a fault is valid',
    file: 'harness/cells/expectation.ts',
    find: "  if (expect === 'holds') return validity;\n",
    replace: "  if (expect === 'holds') return 'valid';\n",
  },
  {
    ...base,
    name: 'unknown-cell-passes',
    doc: 'a cell whose verdict is unknown is reported as valid',
    file: 'harness/cells/expectation.ts',
    find: "  if (validity !== 'valid' && validity !== 'invalid') return validity;\n",
    replace:
      "  if (validity !== 'valid' && validity !== 'invalid') return validity === 'unknown' ? 'valid' : validity;\n",
  },
  {
    ...base,
    name: 'skipped-cells-are-success',
    doc: 'a run in which every cell is unsupported ends with exit code 0',
    file: 'harness/contract/verdict.ts',
    find: "  return validities.includes('unknown') || !validities.includes('valid') ? 2 : 0;\n",
    replace: "  return validities.includes('unknown') ? 2 : 0;\n",
  },
  {
    ...base,
    name: 'lost-writes-are-kept',
    doc: 'acknowledged writes that a target lost in a power cut are not counted as lost',
    file: 'harness/plans/power-cuts.ts',
    find: '  if (lost > 0) {\n',
    replace: '  if (lost > acknowledged) {\n',
  },
  {
    ...base,
    name: 'fault-that-never-struck-proves',
    doc: 'power cuts whose fault never struck count as evidence that the target survives the fault',
    file: 'harness/plans/power-cuts.ts',
    find: '  if (plan.fault !== undefined && struck === 0) {\n',
    replace: '  if (plan.fault !== undefined && struck < 0) {\n',
  },
  {
    ...base,
    name: 'half-a-plan-passes',
    doc: 'a plan that ended at its time limit counts as complete',
    file: 'harness/cells/outcome.ts',
    find: "  if (done >= total) return { validity: 'valid', reasons: [], counts };\n",
    replace: "  if (done > 0) return { validity: 'valid', reasons: [], counts };\n",
  },
  {
    ...base,
    name: 'thrown-checker-passes',
    doc: 'a checker that throws counts as valid',
    file: 'harness/contract/checker.ts',
    find: "    return { validity: 'unknown', reasons: [reason], counts: {} };\n",
    replace: "    return { validity: 'valid', reasons: [reason], counts: {} };\n",
  },
  {
    ...base,
    name: 'limit-is-proof',
    doc: 'a planted bug whose cell reaches the time limit counts as caught',
    file: 'harness/cells/expectation.ts',
    find: "  if (mutant !== undefined) return mutant === 'caught' ? 'valid' : 'unknown';\n",
    replace:
      "  if (mutant !== undefined) return mutant === 'caught' || mutant === 'ran-out-of-time' ? 'valid' : 'unknown';\n",
  },
  {
    ...base,
    name: 'slow-control-proves',
    doc: 'a planted bug whose cell makes no progress counts as caught, however slow its control is',
    file: 'harness/cells/controls.ts',
    find: '    if (control.durationMs > STUCK_SHARE * limitMs) return record;\n',
    replace: '    if (control.durationMs > limitMs) return record;\n',
  },
  {
    ...base,
    name: 'failed-control-proves',
    doc: 'a planted bug counts as caught although its control fails, too',
    file: 'harness/cells/controls.ts',
    find: "    if (control.validity !== 'valid') {\n",
    replace: "    if (control.validity === 'unsupported') {\n",
  },
  {
    ...base,
    name: 'simulated-limit-proves',
    doc: 'a simulated cell that makes no progress in wall-clock time counts as evidence',
    file: 'harness/cells/controls.ts',
    find: '(mutant.stuck !== undefined && this.#options.isReal(cell))',
    replace: 'mutant.stuck !== undefined',
  },
  {
    ...base,
    name: 'skipped-cells-count-as-passed',
    doc: "the report's first line counts unsupported cells as passed",
    file: 'reports/model.ts',
    find: "    [count('valid'), 'passed'],\n",
    replace: "    [count('valid') + count('unsupported'), 'passed'],\n",
  },
  {
    ...base,
    name: 'ready-without-the-cells-not-run',
    doc: 'the report page says ready although some cells were unsupported',
    file: 'reports/page/conclusion.ts',
    find: "validity === 'valid' && notRun === 0 && ",
    replace: "validity === 'valid' && ",
  },
];
