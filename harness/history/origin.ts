/**
 * Origin: what the format that a history was first written in says of all of it. JSON Lines and EDN
 * have events in an order of time, so a history that is converted carries it as its header: without
 * it, the order of the file would be taken for one of time.
 */
import { fieldOf } from '../contract/value.ts';
import type { HistoryTraits } from './format.ts';
import { headerForm, headerLine, headerValueIn } from './header.ts';

export type Origin = Pick<HistoryTraits, 'hasRealTime' | 'axiomatic'>;

const ORIGIN = 'origin';

/** Nothing where the format is as JSON Lines and EDN are. */
export function originText({ hasRealTime, axiomatic }: Origin, format: 'jsonl' | 'edn'): string {
  if (hasRealTime && !axiomatic) return '';
  return format === 'jsonl'
    ? headerLine(ORIGIN, { realTime: hasRealTime, axiomatic })
    : headerForm(ORIGIN, `{:realTime ${hasRealTime}, :axiomatic ${axiomatic}}`);
}

export function originIn(head: Buffer): Origin | undefined {
  const value = headerValueIn(head, ORIGIN);
  const [hasRealTime, axiomatic] = [fieldOf(value, 'realTime'), fieldOf(value, 'axiomatic')];
  if (typeof hasRealTime !== 'boolean' || typeof axiomatic !== 'boolean') return undefined;
  return { hasRealTime, axiomatic };
}
