/** The simulated disk, its crashes, and verdicts: faults and rules that do less than they say. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;

export const HARNESS_DISK_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'second-cut-never-comes',
    doc: 'the power is cut once, where a fault says twice',
    file: 'harness/plans/crash/crash-judge.ts',
    find: '    if (fault.thenCutPower) {\n',
    replace: '    if (fault.thenCutPower && disk.steps < 0) {\n',
  },
  {
    ...base,
    name: 'second-cut-takes-nothing',
    doc: 'the second power cut keeps everything',
    file: 'harness/plans/crash/crash-judge.ts',
    find: "random.chance(0.5) ? 'none-kept' : 'torn'",
    replace: "random.chance(0.5) ? 'all-kept' : 'all-kept'",
  },
  {
    ...base,
    name: 'recovery-sync-never-fails',
    doc: 'no sync of a recovery fails, and each counts as failed',
    file: 'harness/plans/crash/crash-judge.ts',
    find: '    tried.failSyncIn(sync);\n',
    replace: '    tried.failedSyncs = sync;\n',
  },
  {
    ...base,
    name: 'sync-covers-what-came-during-it',
    doc: 'the disk keeps what was written while a sync was in flight',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '    target.completeSync(changes);\n',
    replace: '    target.completeSync(Math.max(changes, target.changes));\n',
  },
  {
    ...base,
    name: 'failed-sync-loses-nothing',
    doc: 'what a failed sync covered is written by the next',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '      target.failSync(changes);\n',
    replace: '      target.failSync(0 * changes);\n',
  },
  {
    ...base,
    name: 'lost-pages-come-back',
    doc: 'a sync writes pages that an earlier one failed to write',
    file: 'harness/simulation/sim/sim-file.ts',
    find: '    const kept = done.filter((change) => !change.lost);\n',
    replace: '    const kept = done.filter((change) => change.lost !== undefined);\n',
  },
  {
    ...base,
    name: 'entries-always-durable',
    doc: 'a directory entry is durable as soon as it is made',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '    const durable = new Map(this.#entries.durable());\n',
    replace: '    const durable = new Map(this.#entries.seen());\n',
  },
  {
    ...base,
    name: 'writes-are-never-torn',
    doc: 'a power cut keeps each write whole or takes it whole',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: '      for (const change of file.pieces(sector)) pieces.push({ file, change });\n',
    replace:
      '      for (const change of file.pieces(sector * 2 ** 20)) pieces.push({ file, change });\n',
  },
  {
    ...base,
    name: 'garbage-is-zeros',
    doc: 'files that have grown without their data hold zeros',
    file: 'harness/simulation/sim/sim-file.ts',
    find: 'bytes[at] = garbage.nextUint32();',
    replace: 'bytes[at] = 0 * garbage.nextUint32();',
  },
  {
    ...base,
    name: 'late-cut-keeps-a-part',
    doc: 'a power cut that is to keep everything takes what came last',
    file: 'harness/simulation/sim/sim-disk.ts',
    find: "    if (mode === 'all-kept') return this.cutKeeping(pieces, options, pieces.length);\n",
    replace:
      "    if (mode === 'all-kept') return this.cutKeeping(pieces.slice(0, -1), options, pieces.length);\n",
  },
  {
    ...base,
    name: 'a-single-client',
    doc: 'simulated runs have one client, whatever they ask for',
    file: 'harness/plans/simulation.ts',
    find: 'Array.from({ length: parts.clients }, oneClient)',
    replace: 'Array.from({ length: Math.min(1, parts.clients) }, oneClient)',
  },
  {
    ...base,
    name: 'any-kind-is-found',
    doc: 'a hole that must be found is found when anything is',
    file: 'harness/cells/expectation.ts',
    find: "  return validity === 'invalid' && expect.mustFind.some((kind) => kinds.includes(kind))\n",
    replace: "  return validity === 'invalid' && expect.mustFind.length + kinds.length > 0\n",
  },
  {
    ...base,
    name: 'unknown-hides-behind-valid',
    doc: 'cells that are unknown beside valid ones do not change the exit code',
    file: 'harness/contract/verdict.ts',
    find: "  return validities.includes('unknown') || !validities.includes('valid') ? 2 : 0;\n",
    replace: "  return !validities.includes('valid') ? 2 : 0;\n",
  },
];
