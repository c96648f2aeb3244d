/**
 * The filter of the page's cells. These two functions run in the reader's browser as they stand
 * here (`script.ts` takes their source), so they use nothing from outside.
 */

/** What a cell's line says of itself; all in lower case. */
export interface FilterRow {
  readonly words: string;
  readonly keys: Readonly<Record<string, string | undefined>>;
}

/** `s:failed target:"engine sim" words` in terms; a term without a known key is a word. */
export function parseFilter(query: string): { key: string; value: string }[] {
  const known = ['s', 'scenario', 'target', 'fault', 'bug'];
  const terms = query.toLowerCase().match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  return terms.map((term) => {
    const plain = term.replaceAll('"', '');
    const colon = plain.indexOf(':');
    const key = plain.slice(0, Math.max(colon, 0));
    return known.includes(key) ? { key, value: plain.slice(colon + 1) } : { key: '', value: plain };
  });
}

/** Every term has to be found; an outcome has to be equal. */
export function matchesFilter(
  terms: readonly { readonly key: string; readonly value: string }[],
  row: FilterRow,
): boolean {
  return terms.every(({ key, value }) => {
    if (key === '') return row.words.includes(value);
    const own = row.keys[key] ?? '';
    return key === 's' && value !== '' ? own === value : own !== '' && own.includes(value);
  });
}
