/**
 * Causal (Jepsen's causal register): one client's chain of `read-init`, `write` 1, `read`, `write`
 * 2, `read`; writes count up. Operations may name the position they link to, with `position` and
 * `link` in the event: each must link to the last one seen. A read of nil says nothing.
 */
import { defineChecker, Findings } from '../../contract/checker.ts';
import type { Operation } from '../../contract/history.ts';
import { fieldOf, isObject, isSameValue, textOf } from '../../contract/value.ts';

interface Linked {
  readonly value: unknown;
  readonly position?: unknown;
  readonly link?: unknown;
}

const KINDS = ['wrong-link', 'wrong-write', 'wrong-read'] as const;

export const causal = defineChecker({
  name: 'causal',
  kinds: KINDS,
  doc: 'a chain of reads and writes of a counter-like register, each after the one it links to',
  check(operations) {
    const findings = new Findings<(typeof KINDS)[number]>('causal');
    const done = operations.filter(({ type }) => type === 'ok');
    done.sort((a, b) => a.completedIndex - b.completedIndex);
    let value: unknown = 0;
    let writes = 0;
    let last: unknown;
    for (const operation of done) {
      const { f, completedIndex: index } = operation;
      if (f !== 'write' && f !== 'read' && f !== 'read-init') {
        findings.unclear(operation, `a causal register has no ${f}`);
        break;
      }
      const { value: shown, position, link } = linked(operation);
      const isFree = link === undefined || isInit(link) || last === undefined;
      if (!isFree && !isSameValue(link, last)) {
        const reason = `${f} links to ${show(link)}, and ${show(last)} was the last`;
        findings.fault(reason, index, 'wrong-link');
      }
      if (position !== undefined) last = position;
      if (f === 'write') {
        writes++;
        if (shown !== writes) {
          findings.fault(`write ${writes} wrote ${show(shown)}`, index, 'wrong-write');
        }
        value = shown;
      } else if (shown !== null && shown !== undefined && !isSameValue(shown, value)) {
        const reason = `${f} showed ${show(shown)}, and ${show(value)} was written last`;
        findings.fault(reason, index, 'wrong-read');
      }
    }
    return findings.verdict({ operations: done.length }, done.length);
  },
});

const show = (value: unknown) => (value === undefined ? 'nothing' : textOf(value));
const isInit = (link: unknown) => link === 'init' || link === ':init';

function linked({ output, input }: Operation): Linked {
  const value = output ?? input;
  const position = fieldOf(value, 'position');
  if (position === undefined || !isObject(value)) return { value };
  return { value: value.value, position, link: value.link };
}
