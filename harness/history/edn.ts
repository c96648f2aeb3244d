/**
 * EDN, as far as histories use it (https://github.com/edn-format/edn): nil, booleans, numbers,
 * strings, characters, keywords, symbols, lists, vectors, maps, sets, tagged values, comments and
 * discards. Keywords and symbols become strings without the colon; maps with keyword keys become
 * objects; lists, vectors and sets become arrays; a tagged value becomes the value.
 */
export class EdnError extends Error {
  override readonly name = 'EdnError';
}

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const NAMED_CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  space: ' ',
  tab: '\t',
  return: '\r',
};
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
};
/** By character code: 1 for blanks and commas, 2 for what else ends a token. */
const CLASS = new Uint8Array(128);
for (const blank of ' \t\n\r\f\v,') CLASS[blank.charCodeAt(0)] = 1;
for (const end of '()[]{}"\';') CLASS[end.charCodeAt(0)] = 2;
const isBlank = (code: number) =>
  code < 128 ? CLASS[code] === 1 : /\s/.test(String.fromCharCode(code));
const isDelimiter = (code: number) => (code < 128 ? CLASS[code]! > 0 : isBlank(code));
const DEPTH_MAX = 200;

/** Reads one form after the other. */
export class EdnReader {
  readonly #text: string;
  readonly #onTag: (tag: string) => void;
  #at = 0;
  #line: number;
  /** Up to here lines were counted. */
  #counted = 0;

  /** `line`: where the text begins. */
  constructor(text: string, line = 1, onTag: (tag: string) => void = () => {}) {
    this.#text = text;
    this.#line = line;
    this.#onTag = onTag;
  }

  /** The next form with its line, or `undefined` at the end. Throws EdnError with line and column. */
  next(): { readonly form: unknown; readonly line: number } | undefined {
    this.#skip();
    if (this.#at >= this.#text.length) return undefined;
    this.#countLines();
    const line = this.#line;
    return { form: this.#form(0), line };
  }

  #countLines(): void {
    for (;;) {
      const next = this.#text.indexOf('\n', this.#counted);
      if (next < 0 || next >= this.#at) return;
      this.#line++;
      this.#counted = next + 1;
    }
  }

  /** Where reading has come to, as line and column from 1. */
  get place(): string {
    this.#countLines();
    return `line ${this.#line}, column ${this.#at - this.#counted + 1}`;
  }

  #fail(what: string): EdnError {
    return new EdnError(`${this.place}: ${what}`);
  }

  /** Passes over blanks, commas, comments and discarded forms. */
  #skip(): void {
    const text = this.#text;
    for (;;) {
      while (this.#at < text.length && isBlank(text.charCodeAt(this.#at))) this.#at++;
      if (text[this.#at] === ';') {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (text.startsWith('#_', this.#at)) {
        this.#at += 2;
        this.#skip();
        this.#form(0);
      } else return;
    }
  }

  #form(depth: number): unknown {
    if (depth > DEPTH_MAX) throw this.#fail(`nested deeper than ${DEPTH_MAX}`);
    const character = this.#text[this.#at];
    if (character === undefined) throw this.#fail('the text ends in the middle of a form');
    if (character === '"') return this.#string();
    if (character === '\\') return this.#character();
    if (character === '[' || character === '(') return this.#sequence(depth);
    if (character === '{') return this.#map(depth);
    if (character === '#') return this.#dispatch(depth);
    if (isDelimiter(character.charCodeAt(0))) throw this.#fail(`unexpected ${character}`);
    return this.#atom();
  }

  #sequence(depth: number): unknown[] {
    const closer = CLOSERS[this.#text[this.#at++]!]!;
    const items: unknown[] = [];
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === closer) {
        this.#at++;
        return items;
      }
      items.push(this.#form(depth + 1));
    }
  }

  #map(depth: number): Record<string, unknown> {
    const items = this.#sequence(depth);
    if (items.length % 2 !== 0) throw this.#fail('a map has a key without a value');
    const map: Record<string, unknown> = {};
    for (let i = 0; i < items.length; i += 2) map[String(items[i])] = items[i + 1];
    return map;
  }

  #dispatch(depth: number): unknown {
    this.#at++;
    if (this.#text[this.#at] === '{') return this.#sequence(depth);
    if (this.#text[this.#at] === '#') {
      this.#at++; // a symbolic value: ##Inf, ##NaN
      return { Inf: Infinity, '-Inf': -Infinity, NaN }[this.#token()] ?? null;
    }
    this.#onTag(this.#token());
    this.#skip();
    return this.#form(depth + 1);
  }

  #string(): string {
    let value = '';
    for (this.#at++; ; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#fail('a string is not closed');
      if (character === '"') break;
      if (character !== '\\') {
        value += character;
        continue;
      }
      const escaped = this.#text[++this.#at] ?? '';
      if (escaped === 'u') {
        value += String.fromCharCode(
          Number.parseInt(this.#text.slice(this.#at + 1, this.#at + 5), 16),
        );
        this.#at += 4;
      } else if (ESCAPES[escaped] !== undefined) value += ESCAPES[escaped];
      else throw this.#fail(`unknown escape \\${escaped}`);
    }
    this.#at++;
    return value;
  }

  #character(): string {
    this.#at++;
    const first = this.#text[this.#at++] ?? '';
    const name = first + this.#token();
    return NAMED_CHARACTERS[name] ?? first;
  }

  #token(): string {
    const start = this.#at;
    const text = this.#text;
    while (this.#at < text.length && !isDelimiter(text.charCodeAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #atom(): unknown {
    const token = this.#token();
    if (token === 'nil') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    if (/^[+-]?\d/.test(token)) {
      const ratio = /^([+-]?\d+)\/(\d+)$/.exec(token);
      if (ratio !== null) return Number(ratio[1]) / Number(ratio[2]);
      const value = Number(token.replace(/[NM]$/, ''));
      if (Number.isNaN(value)) throw this.#fail(`${token} is no number`);
      return value;
    }
    return token.startsWith(':') ? token.slice(1) : token;
  }
}
