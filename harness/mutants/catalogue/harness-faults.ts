/** Planted bugs in faults and limits that act less than they say; self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;

export const HARNESS_FAULT_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'kills-never-come-with-an-acknowledgement',
    doc: 'all kills come at random instants, which rarely meet a commit that is written too late',
    file: 'harness/plans/kill-loops.ts',
    find: '% 2 === 1 && host.dieAtCommit',
    replace: '% 2 === 2 && host.dieAtCommit',
  },
  {
    ...base,
    name: 'kill-waits-for-quiet',
    doc: 'a kill of kill loops strikes only when no operation is open',
    file: 'harness/plans/kill-loops.ts',
    find: '    await fault.inject(this.#host);\n    alive = false;\n',
    replace:
      '    alive = false;\n    await Promise.allSettled(clients);\n    await fault.inject(this.#host);\n',
  },
  {
    ...base,
    name: 'idle-kills-count',
    doc: 'a kill counts when an operation is invoked after it struck',
    file: 'harness/plans/kill-loops.ts',
    find: '        if (beganBefore) open++;\n',
    replace: '        open++;\n',
  },
  {
    ...base,
    name: 'undialable-upstream-ends-proxy',
    doc: 'an upstream that is no address ends the proxy server when a client comes',
    file: 'harness/real/toxiproxy/connection.ts',
    find: '      this.#refuse(error as Error);\n',
    replace: '      throw error;\n',
  },
  {
    ...base,
    name: 'rate-zero-does-not-stall',
    doc: 'a bandwidth of 0 lets everything through',
    file: 'harness/real/toxiproxy/stages.ts',
    find: 'rate === 0 ? Number.POSITIVE_INFINITY : bytes / rate!',
    replace: 'rate === 0 ? 0 : bytes / rate!',
  },
  {
    ...base,
    name: 'slow-server-is-broken',
    doc: 'a server that is not ready in time after a power cut counts as broken by it',
    file: 'harness/real/power-loss/state-figures.ts',
    find: '  if (error instanceof NotReadyError) throw error;\n',
    replace: '  if (error instanceof NotReadyError && error.message === "") throw error;\n',
  },
  {
    ...base,
    name: 'nested-cut-never-comes',
    doc: 'the power is not cut again while a database recovers, although --nested asks for it',
    file: 'harness/real/power-loss/planned-states.ts',
    find: 'nested && number === count - 1',
    replace: 'nested && number === count',
  },
  {
    ...base,
    name: 'memory-of-descendants-is-free',
    doc: 'the memory limit of a cell counts its own process only',
    file: 'harness/cells/cell-limits.ts',
    find: '  return residentBytes(pid) + sumOverChildren(pid);\n',
    replace: '  return residentBytes(pid) + 0 * sumOverChildren(pid);\n',
  },
];
