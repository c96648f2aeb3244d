/**
 * Origin: traits of a history's original format. A converted history carries them in its header. JSON
 * Lines and EDN list events in time order, so without the header, file order would be taken for
 * real-time order.
 */
import { fieldOf } from '../contract/value.ts';
import type { HistoryTraits } from './format.ts';
import { headerForm, headerLine, headerValueIn } from './header.ts';

export type Origin = Pick<HistoryTraits, 'hasRealTime' | 'axiomatic'>;

const ORIGIN = 'origin';

/** Nothing if the format's traits are those of JSON Lines and EDN. */
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
