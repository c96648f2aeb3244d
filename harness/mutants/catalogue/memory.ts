/** The memory budget that all stores of a process share. */
import type { Mutant } from '../mutant.ts';

/** Segments are small compared with the budget, so the hot blocks of both stores fit in the cache. */
const BUDGETED = { memoryBytes: 131_072, segmentBytes: 4096, blockBytes: 1024, fanIn: 3 };

export const MEMORY_MUTANTS: readonly Mutant[] = [
  {
    name: 'budget-for-each-store',
    area: 'resources',
    doc: 'the memory budget applies to each store instead of to the process, so two stores use twice as much',
    file: 'engine/memory-budget.ts',
    find: '    const budget = MemoryBudget.#budgets.get(memory) ?? new MemoryBudget(memory);\n',
    replace: '    const budget = new MemoryBudget(memory);\n',
    scenario: 'upkeep',
    settings: BUDGETED,
  },
  {
    name: 'slabs-kept-when-short',
    area: 'resources',
    doc: 'when memory runs short, caches stop growing but release nothing',
    file: 'engine/memory-budget.ts',
    find: '    this.#shortLimitBytes = Math.max(0, held - relief);\n    this.balance();\n',
    replace: '    this.#shortLimitBytes = Math.max(0, held - relief);\n',
    scenario: 'upkeep',
    settings: BUDGETED,
  },
  {
    name: 'indexes-beside-the-budget',
    area: 'resources',
    doc: 'point indexes are loaded even if they exceed the memory budget',
    file: 'engine/memory-budget.ts',
    find: '    return this.#fixedBytes() + lent + bytes <= INDEX_SHARE * this.limitBytes();\n',
    replace: '    return bytes >= 0;\n',
    scenario: 'upkeep',
    settings: BUDGETED,
  },
  {
    name: 'segments-beside-the-budget',
    area: 'resources',
    doc: 'caches use the whole budget, without counting log segments and indexes',
    file: 'engine/memory-budget.ts',
    find: '    return sum(this.#users, (user) => user.fixedBytes());\n',
    replace: '    return 0;\n',
    scenario: 'upkeep',
    settings: BUDGETED,
  },
  {
    name: 'short-for-ever',
    area: 'resources',
    doc: 'caches that released memory under pressure never grow again',
    file: 'engine/memory-budget.ts',
    find: '    if (plenty) this.#shortLimitBytes = Number.POSITIVE_INFINITY;\n',
    replace: '    void plenty;\n',
    scenario: 'upkeep',
    settings: BUDGETED,
  },
  {
    name: 'every-index-in-the-cache',
    area: 'resources',
    doc: 'the cache leases memory to the index of every run, including runs that no merge will remove',
    file: 'engine/compaction/run-outputs.ts',
    find: 'const LEASES_PER_FAN_IN = 2;',
    replace: 'const LEASES_PER_FAN_IN = 2000;',
    scenario: 'upkeep',
    settings: BUDGETED,
  },
];
