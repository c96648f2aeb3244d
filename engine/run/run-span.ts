/**
 * RunSpan: the first and the last key of a run, stated only if the run holds one version of each key
 * and no tombstone. A merge of such runs with disjoint spans would drop nothing: each key lies in one of
 * them at most.
 *
 * In hexadecimal, because manifests are JSON; texts compare as the bytes do.
 */
export type RunSpan = readonly [first: string, last: string];

/** Runs with longer keys state no span, to keep manifests small. */
const SPAN_KEY_BYTES_MAX = 256;

export function spanOf(first: Uint8Array, last: Uint8Array): RunSpan | undefined {
  if (Math.max(first.length, last.length) > SPAN_KEY_BYTES_MAX) return undefined;
  return [hexOf(first), hexOf(last)];
}

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** The order of runs whose spans do not overlap. Requires: both state one. */
export function bySpan(a: { readonly span?: RunSpan }, b: { readonly span?: RunSpan }): number {
  return a.span![0] < b.span![0] ? -1 : 1;
}

/**
 * Splits a list into groups of neighbours whose spans do not overlap, as long as can be from its
 * beginning on. What has no span is a group of its own. Each group is in the order of the list.
 * `mayJoin`: whether `one` may join `group`; by default it always may.
 */
export function disjointGroups<T>(
  all: readonly T[],
  spanOf: (one: T) => RunSpan | undefined,
  mayJoin: (group: readonly T[], one: T) => boolean = () => true,
): T[][] {
  const groups: T[][] = [];
  /** Spans of the last group, ascending; empty where it takes no more. */
  let spans: RunSpan[] = [];
  for (const one of all) {
    const group = groups.at(-1);
    const span = spanOf(one);
    const at = span === undefined || spans.length === 0 ? undefined : placeIn(spans, span);
    if (group !== undefined && at !== undefined && mayJoin(group, one)) {
      group.push(one);
      spans.splice(at, 0, span!);
    } else {
      groups.push([one]);
      spans = span === undefined ? [] : [span];
    }
  }
  return groups;
}

/** Where a span belongs among ascending ones, or `undefined` when it overlaps one of them. */
function placeIn(spans: readonly RunSpan[], [first, last]: RunSpan): number | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]![1] < first) low = middle + 1;
    else high = middle;
  }
  const next = spans[low];
  return next === undefined || last < next[0] ? low : undefined;
}
