/** Planted bugs in runs on clusters: faults that have no effect. Self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;
const context = { ...base, file: 'harness/plans/network/fault-context.ts' } as const;

export const HARNESS_NETWORK_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'nemesis-never-strikes',
    doc: 'network faults are scheduled, healed and reported, but never injected',
    file: 'harness/plans/network/nemesis.ts',
    find: '      for (const fault of chosen) await fault.inject(this.#context);\n',
    replace: '      for (const fault of chosen.slice(9)) await fault.inject(this.#context);\n',
  },
  {
    ...context,
    name: 'toxics-reach-no-link',
    doc: "a toxic is added to none of a node's links",
    find: 'links.map((link) => link.add(toxic))',
    replace: 'links.slice(99).map((link) => link.add(toxic))',
  },
  {
    ...context,
    name: 'resets-reach-nobody',
    doc: 'a fault that resets all connections resets none',
    find: 'links.map((link) => link.reset())',
    replace: 'links.slice(99).map((link) => link.reset())',
  },
  {
    ...context,
    name: 'killed-node-goes-on',
    doc: 'a killed node is marked as down, but its process keeps running',
    find: '    this.#down.add(node);\n    await this.#parts.site.kill(node);\n',
    replace: '    this.#down.add(node);\n',
  },
  {
    ...base,
    name: 'partitions-are-one-way',
    doc: 'a partition drops messages in one direction only',
    file: 'harness/faults/network/cuts.ts',
    find: '[context.cut(a, b), context.cut(b, a)]',
    replace: '[context.cut(a, b), context.cut(a, b)]',
  },
  {
    ...base,
    name: 'lost-answers-count-as-failed',
    doc: 'an operation whose connection was lost is recorded as failed instead of indeterminate',
    file: 'harness/client/client-pool.ts',
    find: "      const type = known && error.definite ? 'fail' : 'info';\n",
    replace: "      const type = known ? 'fail' : 'info';\n",
  },
  {
    ...base,
    name: 'cluster-is-never-read',
    doc: 'the final reads after the faults are skipped',
    file: 'harness/plans/network/run-network.ts',
    find: '  for (const read of reads) {\n',
    replace: '  for (const read of reads.slice(reads.length)) {\n',
  },
];
