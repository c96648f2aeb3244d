/** Faults and limits that do less than documented; self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;

export const HARNESS_FAULT_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'kills-never-come-with-an-acknowledgement',
    doc: 'all kills strike at random instants, which rarely hit the moment after an acknowledgement',
    file: 'harness/plans/kill-loops.ts',
    find: '% 2 === 1 && host.dieAtCommit',
    replace: '% 2 === 2 && host.dieAtCommit',
  },
  {
    ...base,
    name: 'kill-waits-for-quiet',
    doc: 'kill loops kill the process only when no operation is in flight',
    file: 'harness/plans/kill-loops.ts',
    find: '    await fault.inject(this.#host);\n    alive = false;\n',
    replace:
      '    alive = false;\n    await Promise.allSettled(clients);\n    await fault.inject(this.#host);\n',
  },
  {
    ...base,
    name: 'idle-kills-count',
    doc: 'operations invoked after a kill count as in flight at the kill',
    file: 'harness/plans/kill-loops.ts',
    find: '        if (beganBefore) open++;\n',
    replace: '        open++;\n',
  },
  {
    ...base,
    name: 'undialable-upstream-ends-proxy',
    doc: 'a proxy with an invalid upstream address crashes the proxy server on the first connection',
    file: 'harness/real/toxiproxy/connection.ts',
    find: '      this.#refuse(error as Error);\n',
    replace: '      throw error;\n',
  },
  {
    ...base,
    name: 'rate-zero-does-not-stall',
    doc: 'a bandwidth toxic with rate 0 passes all data',
    file: 'harness/real/toxiproxy/stages.ts',
    find: 'rate === 0 ? Number.POSITIVE_INFINITY : bytes / rate!',
    replace: 'rate === 0 ? 0 : bytes / rate!',
  },
  {
    ...base,
    name: 'slow-server-is-broken',
    doc: 'a server that is not ready in time after a power cut counts as corrupted',
    file: 'harness/real/power-loss/state-figures.ts',
    find: '  if (error instanceof NotReadyError) throw error;\n',
    replace: '  if (error instanceof NotReadyError && error.message === "") throw error;\n',
  },
  {
    ...base,
    name: 'nested-cut-never-comes',
    doc: '--nested does not cut the power again during recovery',
    file: 'harness/real/power-loss/planned-states.ts',
    find: 'nested && number === count - 1',
    replace: 'nested && number === count',
  },
  {
    ...base,
    name: 'memory-of-descendants-is-free',
    doc: "a cell's memory limit ignores its child processes",
    file: 'harness/cells/cell-limits.ts',
    find: '  return residentBytes(pid) + sumOverChildren(pid);\n',
    replace: '  return residentBytes(pid) + 0 * sumOverChildren(pid);\n',
  },
];
