/** The simulated disk, its crashes, and verdicts: faults and rules that do less than documented. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;

export const HARNESS_DISK_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'second-cut-never-comes',
    doc: 'a fault that cuts the power twice cuts it once',
    file: 'harness/plans/crash/crash-judge.ts',
    find: '    if (fault.thenCutPower) {\n',
    replace: '    if (fault.thenCutPower && disk.steps < 0) {\n',
  },
  {
    ...base,
    name: 'second-cut-takes-nothing',
    doc: 'the second power cut loses nothing',
    file: 'harness/plans/crash/crash-judge.ts',
    find: "random.chance(0.5) ? 'none-kept' : 'torn'",
    replace: "random.chance(0.5) ? 'all-kept' : 'all-kept'",
  },
  {
    ...base,
    name: 'recovery-sync-never-fails',
    doc: 'syncs that are to fail during recovery succeed, and are counted as failed',
    file: 'harness/plans/crash/crash-judge.ts',
    find: '    tried.failSyncIn(sync);\n',
    replace: '    tried.failedSyncs = sync;\n',
  },
  {
    ...base,
    name: 'sync-covers-what-came-during-it',
    doc: 'the simulated disk makes durable what was written while a sync was in flight',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '    target.completeSync(changes);\n',
    replace: '    target.completeSync(Math.max(changes, target.changes));\n',
  },
  {
    ...base,
    name: 'failed-sync-loses-nothing',
    doc: 'the simulated disk writes pages of a failed sync at the next sync',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '      target.failSync(changes);\n',
    replace: '      target.failSync(0 * changes);\n',
  },
  {
    ...base,
    name: 'lost-pages-come-back',
    doc: 'a sync makes pages durable that an earlier, failed sync had dropped',
    file: 'harness/simulation/sim/sim-file.ts',
    find: '    const kept = done.filter((change) => !change.lost);\n',
    replace: '    const kept = done.filter((change) => change.lost !== undefined);\n',
  },
  {
    ...base,
    name: 'entries-always-durable',
    doc: 'a directory entry is durable as soon as it is created',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '    const durable = new Map(this.#entries.durable());\n',
    replace: '    const durable = new Map(this.#entries.seen());\n',
  },
  {
    ...base,
    name: 'writes-are-never-torn',
    doc: 'a power cut keeps or loses each write as a whole: there are no torn writes',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '      for (const change of file.pieces(sector)) pieces.push({ file, change });\n',
    replace:
      '      for (const change of file.pieces(sector * 2 ** 20)) pieces.push({ file, change });\n',
  },
  {
    ...base,
    name: 'garbage-is-zeros',
    doc: 'a file whose new size is durable and whose data is not holds zeros instead of garbage',
    file: 'harness/simulation/sim/sim-file.ts',
    find: 'bytes[at] = garbage.nextUint32();',
    replace: 'bytes[at] = 0 * garbage.nextUint32();',
  },
  {
    ...base,
    name: 'late-cut-keeps-a-part',
    doc: 'a power cut that should keep everything loses the last changes',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: "    if (mode === 'all-kept') return this.cutKeeping(pieces, options, pieces.length);\n",
    replace:
      "    if (mode === 'all-kept') return this.cutKeeping(pieces.slice(0, -1), options, pieces.length);\n",
  },
  {
    ...base,
    name: 'a-single-client',
    doc: 'simulated runs use one client, whatever number the plan asks for',
    file: 'harness/plans/simulation.ts',
    find: 'Array.from({ length: parts.clients }, oneClient)',
    replace: 'Array.from({ length: Math.min(1, parts.clients) }, oneClient)',
  },
  {
    ...base,
    name: 'any-kind-is-found',
    doc: 'a must-find expectation is met by an anomaly of any kind',
    file: 'harness/cells/expectation.ts',
    find: "  return validity === 'invalid' && expect.mustFind.some((kind) => kinds.includes(kind))\n",
    replace: "  return validity === 'invalid' && expect.mustFind.length + kinds.length > 0\n",
  },
  {
    ...base,
    name: 'unknown-hides-behind-valid',
    doc: 'unknown cells do not change the exit code when other cells are valid',
    file: 'harness/contract/verdict.ts',
    find: "  return validities.includes('unknown') || !validities.includes('valid') ? 2 : 0;\n",
    replace: "  return !validities.includes('valid') ? 2 : 0;\n",
  },
];
