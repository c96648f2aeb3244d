/**
 * Causal (Jepsen's causal register): one client's chain of `read-init`, `write` 1, `read`, `write`
 * 2, `read`; writes count up. Operations may name the position they link to, with `position` and
 * `link` in the event: each must link to the last one seen.
 */
import { defineChecker, verdictOf } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';

interface Linked {
  readonly value: unknown;
  readonly position?: unknown;
  readonly link?: unknown;
}

export const causal = defineChecker({
  name: 'causal',
  doc: 'a chain of reads and writes of a counter-like register, each after the one it links to',
  check(operations) {
    const done = operations.filter(({ type }) => type === 'ok');
    done.sort((a, b) => a.completedIndex - b.completedIndex);
    let value: unknown = 0;
    let writes = 0;
    let last: unknown;
    const faults: { reason: string; index: number }[] = [];
    for (const operation of done) {
      const { f, completedIndex: index } = operation;
      const { value: shown, position, link } = linked(operation);
      const free = link === undefined || link === 'init' || last === undefined;
      if (!free && link !== last) {
        faults.push({
          reason: `${f} links to ${show(link)}, and ${show(last)} was the last`,
          index,
        });
      }
      if (position !== undefined) last = position;
      if (f === 'write') {
        writes++;
        if (shown !== writes)
          faults.push({ reason: `write ${writes} wrote ${show(shown)}`, index });
        value = shown;
      } else if (shown !== null && shown !== undefined && shown !== value) {
        faults.push({
          reason: `${f} showed ${show(shown)}, and ${show(value)} was written last`,
          index,
        });
      }
    }
    return verdictOf('causal', faults, { operations: done.length }, done.length);
  },
});

const show = (value: unknown) => JSON.stringify(value) ?? 'nothing';

function linked({ output, input }: Operation): Linked {
  const value = output ?? input;
  const isLinked = typeof value === 'object' && value !== null && 'position' in value;
  return isLinked ? (value as Linked) : { value };
}
