/** Planted bugs in the links of the proxy; self-check must catch each. */
import type { Mutant } from '../mutant.ts';

const base = {
  area: 'harness',
  scenario: 'self-check',
  file: 'harness/real/toxiproxy/link.ts',
} as const;

export const HARNESS_LINK_MUTANTS: readonly Mutant[] = [
  {
    ...base,
    name: 'link-holds-without-bound',
    doc: 'a link keeps reading from its socket however much data its stages buffer',
    find: 'if (this.#isPaused || this.#heldBytes <= this.#heldBytesMax) return;',
    replace: 'if (this.#isPaused || this.#heldBytes < Infinity) return;',
  },
  {
    ...base,
    name: 'close-crosses-a-cut',
    doc: 'a FIN or RST passes through a cut link',
    find: '      this.hasGap = true; // the close is a message too, and does not get through\n      return;\n',
    replace: '      this.hasGap = true;\n',
  },
  {
    ...base,
    name: 'bytes-follow-a-gap',
    doc: 'a connection that lost bytes during a cut delivers later bytes after the heal',
    find: '    if (this.hasGap) return;\n',
    replace: '',
  },
  {
    ...base,
    name: 'toxicity-zero-takes-part',
    doc: 'a toxic with toxicity 0 applies to every connection',
    find: 'const takesPart = point < slot.toxic.toxicity;',
    replace: 'const takesPart = point < slot.toxic.toxicity + 1;',
  },
];
