/** Text for HTML and SVG. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export const escapeText = (value: unknown): string =>
  String(value).replace(/[&<>"]/g, (character) => ENTITIES[character]!);
