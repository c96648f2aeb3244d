/** Checkers that are blind to one anomaly, or name it wrongly. Caught by the known histories. */
import type { Mutant } from '../mutant.ts';

const base = { area: 'harness', scenario: 'known-histories' } as const;

export const HARNESS_CHECKER_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'set-forgives-losses',
    doc: 'an acknowledged element that the last read does not show is not lost',
    file: 'harness/checkers/collections/set.ts',
    find: 'acknowledged > read.invokedIndex || elements.has(key)',
    replace: 'acknowledged > 0 || elements.has(key)',
  },
  {
    ...base,
    name: 'stale-elements-pass',
    doc: 'an element that one read misses and a later one shows again is no fault',
    file: 'harness/checkers/collections/set-full.ts',
    find: '      if (missed === undefined) continue;\n',
    replace:
      '      if (missed === undefined || element.shownBy.at(-1) === reads.length - 1) continue;\n',
  },
  {
    ...base,
    name: 'failed-sends-count',
    doc: 'a poll may show what a failed send sent',
    file: 'harness/checkers/collections/log.ts',
    find: "    if (type !== 'fail') sent.possible++;\n",
    replace: '    if (type !== undefined) sent.possible++;\n',
  },
  {
    ...base,
    name: 'polls-may-skip',
    doc: 'a poll may jump over what others saw',
    file: 'harness/checkers/collections/log.ts',
    find: '    if (compareOffsets(next, offset) >= 0) return;\n',
    replace: '    if (compareOffsets(offset, next) >= 0) return;\n',
  },
  {
    ...base,
    name: 'queue-takes-early',
    doc: 'an element may come out before it went in',
    file: 'harness/checkers/collections/total-queue.ts',
    find: '} else if (outSince < triedSince) {',
    replace: '} else if (outSince < 0 * triedSince) {',
  },
  {
    ...base,
    name: 'taken-back-is-no-fault',
    doc: 'a group that was read may be gone in the next read',
    file: 'harness/checkers/durability.ts',
    find: '      seenBefore = new Set([...seenBefore, ...groups.keys()]);\n',
    replace: '      seenBefore = new Set([...groups.keys()].filter(() => false));\n',
  },
  {
    ...base,
    name: 'realtime-edges-forgotten',
    doc: 'every transaction is concurrent with every other',
    file: 'harness/history/formats/jsonl.ts',
    find: '    return processes.traits();\n',
    replace: '    return { ...processes.traits(), hasRealTime: false };\n',
  },
  {
    ...base,
    name: 'cas-always-fits',
    doc: 'a compare-and-set may find any value',
    file: 'harness/checkers/linearizable/model.ts',
    find: '    const [reads, writes] = input as [Value, Value];\n    return { reads, writes };\n',
    replace: '    const [, writes] = input as [Value, Value];\n    return { writes };\n',
  },
  {
    ...base,
    name: 'failed-transactions-count',
    doc: 'a level that proscribes aborted reads allows them',
    file: 'harness/checkers/transactional/levels.ts',
    find: "    proscribes: ['G1a', 'G1b', 'G1c', 'dirty-update',",
    replace: "    proscribes: ['G1b', 'G1c', 'dirty-update',",
  },
  {
    ...base,
    name: 'recency-forgives-one',
    doc: 'a read may miss the write before it',
    file: 'harness/checkers/recency.ts',
    find: '      known.get(write)! < operation.invokedIndex,\n',
    replace: '      known.get(write)! < operation.invokedIndex - 1,\n',
  },
  {
    ...base,
    name: 'degrees-unchecked',
    doc: 'a degree may be any number',
    file: 'harness/checkers/graph-invariant.ts',
    find: 'counted.out !== out || counted.in !== into',
    replace: 'counted.out > out || counted.in > into',
  },
  {
    ...base,
    name: 'watches-may-drop',
    doc: 'a watch may leave out writes of its stretch',
    file: 'harness/checkers/watch-order.ts',
    find: 'revision < from || revision > last || seen.has(revision)',
    replace: 'revision >= from || revision > last || seen.has(revision)',
  },
];
