/** Planted bugs in runs on clusters: faults that reach nobody. Self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'self-check' } as const;
const context = { ...base, file: 'harness/plans/network/fault-context.ts' } as const;

export const HARNESS_NETWORK_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'nemesis-never-strikes',
    doc: 'faults on a network are drawn, waited for, healed and reported, and never made',
    file: 'harness/plans/network/nemesis.ts',
    find: '      for (const fault of chosen) await fault.inject(this.#context);\n',
    replace: '      for (const fault of chosen.slice(9)) await fault.inject(this.#context);\n',
  },
  {
    ...context,
    name: 'toxics-reach-no-link',
    doc: 'a toxic is put on none of the links of a node',
    find: 'links.map((link) => link.add(toxic))',
    replace: 'links.slice(99).map((link) => link.add(toxic))',
  },
  {
    ...context,
    name: 'resets-reach-nobody',
    doc: 'no connection is reset when a fault resets all of them',
    find: 'links.map((link) => link.reset())',
    replace: 'links.slice(99).map((link) => link.reset())',
  },
  {
    ...context,
    name: 'killed-node-goes-on',
    doc: 'a node that is killed counts as down and goes on',
    find: '    this.#down.add(node);\n    await this.#parts.site.kill(node);\n',
    replace: '    this.#down.add(node);\n',
  },
  {
    ...base,
    name: 'partitions-are-one-way',
    doc: 'a partition stops the messages of one side only',
    file: 'harness/faults/network/cuts.ts',
    find: '[context.cut(a, b), context.cut(b, a)]',
    replace: '[context.cut(a, b), context.cut(a, b)]',
  },
  {
    ...base,
    name: 'lost-answers-count-as-failed',
    doc: 'an operation whose connection was lost counts as one that failed',
    file: 'harness/client/client-pool.ts',
    find: "      const type = known && error.definite ? 'fail' : 'info';\n",
    replace: "      const type = known ? 'fail' : 'info';\n",
  },
  {
    ...base,
    name: 'cluster-is-never-read',
    doc: 'what a cluster has after the faults is not read',
    file: 'harness/plans/network/run-network.ts',
    find: '  for (const read of reads) {\n',
    replace: '  for (const read of reads.slice(reads.length)) {\n',
  },
];
