/** Planted bugs in what benchmarks conclude and check; bench-verdicts must catch each. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'bench-verdicts' } as const;

export const HARNESS_BENCH_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'rows-tested-alone',
    doc: 'significance is not corrected for the number of rows, so identical commits differ in some',
    file: 'reports/paired-test.ts',
    find: '      if (largest >= observed - ROUNDING) maxAtLeast[i]!++;\n',
    replace: '      if (value >= observed - ROUNDING) maxAtLeast[i]!++;\n',
  },
  {
    ...base,
    name: 'rates-are-costs',
    doc: 'a slower commit counts as an improvement',
    file: 'reports/bench-metrics.ts',
    find: '  return first.isCost ? Math.log(ratio) : -Math.log(ratio);\n',
    replace: '  return Math.log(ratio);\n',
  },
  {
    ...base,
    name: 'blind-comparison-passes',
    doc: 'a comparison too noisy to resolve its threshold reports that nothing became worse',
    file: 'reports/ab-model.ts',
    find: '  if (blind.length > 0) {\n',
    replace: '  if (blind.length > rows.length) {\n',
  },
  {
    ...base,
    name: 'crashed-workload-passes',
    doc: 'a workload that crashed on the second side does not count as a regression',
    file: 'reports/bench-obstacles.ts',
    find: "      const isFault = fault === 'missing' ? now!.isPlanned : fault === 'wrong';\n",
    replace: "      const isFault = fault === 'wrong';\n",
  },
  {
    ...base,
    name: 'wrong-values-pass',
    doc: 'a run that read wrong values is compared as if its values were correct',
    file: 'reports/bench-obstacles.ts',
    find: '  const wrong = outcomes.filter((one) => one.wrong !== 0);\n',
    replace: '  const wrong = outcomes.filter((one) => one.wrong < 0);\n',
  },
  {
    ...base,
    name: 'other-machine-compared',
    doc: 'runs of two different machines are compared without a warning',
    file: 'reports/bench-obstacles.ts',
    find: "  compare('machine', before.machine, after.machine);\n",
    replace: '',
  },
  {
    ...base,
    name: 'lost-figures-dropped',
    doc: 'a figure that only one of the runs has is dropped silently',
    file: 'reports/bench-obstacles.ts',
    find: '    if (only.length > 0) found.push(',
    replace: '    if (only.length > 1000) found.push(',
  },
  {
    ...base,
    name: 'step-needs-ten-runs',
    doc: 'a step change in stored runs is reported ten runs too late',
    file: 'reports/change-points.ts',
    find: 'export const SEGMENT_MIN = 3;\n',
    replace: 'export const SEGMENT_MIN = 10;\n',
  },
  {
    ...base,
    name: 'old-versions-pass',
    doc: 'a value of an older version counts as the one that was acknowledged',
    file: 'harness/bench/checks/versions.ts',
    find: '    return this.#place.records.isValue(number, value, this.#last[number]);\n',
    replace: '    return this.#place.records.isValue(number, value);\n',
  },
  {
    ...base,
    name: 'nothing-read-back',
    doc: 'written records are not read back after the store is reopened',
    file: 'harness/bench/checks/versions.ts',
    find: '    const numbers = [...this.#written, ...any];\n',
    replace: '    const numbers = [...this.#written, ...any].slice(0, 1);\n',
  },
];
