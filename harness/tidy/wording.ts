/**
 * The word list: phrases that a reader has to puzzle over, and what to write instead. Prose is every
 * comment and string of the sources, and the whole of a Markdown or YAML document.
 *
 * A phrase belongs here if it has few honest uses. Those stand in `ALLOWED`, with a reason.
 */
import type { SourceFile } from './source-tree.ts';

/** Phrase, as a pattern without regard to case, and what to write instead. */
const PHRASES: readonly (readonly [phrase: string, instead: string])[] = [
  ['whoever', 'name the actor: the caller, the client, the next writer'],
  ['so many', 'name the quantity, or write "n"'],
  ['(?:for so long|or so much)', 'name the quantity, with its unit'],
  ['so manieth', 'write "every n-th"'],
  ['(?:told|asked|told and asked) the same', 'write "model-based test: every answer must match"'],
  ['plain maps?', 'write "in-memory map" or "model"'],
  ['by and by', 'write "step by step", or name the steps'],
  ['let(?:s|ting)? go', 'write "release", "close", "evict" or "unpin"'],
  ['what is there', 'name it: the records, the previous version, the existing file'],
  ['is there to', 'say what it is for'],
  ['as it were', 'leave it out'],
  ['on trial', 'write "under test"'],
  ['(?:guilt|guilty|innocent)', 'write "faulty" or "correct"'],
  ['nobody knows', 'write "indeterminate" or "unknown"'],
  ['nobody (?:wrote|added|sent|appended)', 'write "a value that was never written"'],
  ['for ever', 'write "forever", or name the bound'],
  ['goes? on with', 'write "continues"'],
  ['half there', 'write "partially applied"'],
  ['all in all', 'write "in total"'],
  ['as good as', 'name what is equal'],
  ['at leisure', 'write "while idle"'],
  ['in vain', 'write "without effect"'],
];

/** Any of the phrases; each space of one may be the end of a line. */
const WORDS = new RegExp(
  `\\b(?:${PHRASES.map(([phrase]) => phrase.replaceAll(' ', '\\s')).join('|')})\\b`,
  'gi',
);

export interface Document {
  /** Path from the root. */
  readonly path: string;
  readonly text: string;
}

/** Complaints about a source file's comments and strings. */
export function wordingComplaints({ path, text }: Pick<SourceFile, 'path' | 'text'>): string[] {
  if (path.startsWith('harness/tidy/')) return [];
  return complaintsIn({ path, text: proseOf(text) });
}

/** Complaints about a document, all of which is prose. */
export function complaintsIn({ path, text }: Document): string[] {
  // A phrase may be broken by the end of a line; a line of a block comment begins with a star.
  const joined = text.replaceAll(/\n[ \t]*(?:\*(?!\/)|\/\/)?[ \t]*/g, '\n');
  return [...joined.matchAll(WORDS)].map((found) => {
    const line = joined.slice(0, found.index).split('\n').length;
    const word = found[0].replaceAll(/\s/g, ' ');
    return `${path}:${line} says "${word}": ${insteadOf(word)}`;
  });
}

function insteadOf(word: string): string {
  const entry = PHRASES.find(([phrase]) => new RegExp(`^${phrase}$`, 'i').test(word));
  return entry?.[1] ?? 'say it plainly';
}

/** The comments and strings of a source, on their lines; code is blank. */
function proseOf(text: string): string {
  const pattern =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  let prose = '';
  let end = 0;
  for (const { 0: part, index } of text.matchAll(pattern)) {
    prose += text.slice(end, index).replaceAll(/[^\n]/g, ' ') + part;
    end = index + part.length;
  }
  return prose;
}
