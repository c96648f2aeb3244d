/**
 * EDN reader (https://github.com/edn-format/edn), including what Clojure prints beyond EDN: metadata,
 * namespaced maps, regular expressions, ratios, radixes, symbolic values. contract/value.ts defines the
 * representation in memory; nothing is rounded and no two values are merged.
 *
 * - Metadata and discarded forms are left out.
 * - Tagged values keep their tag, but for those of jepsen.independent and of ordered collections.
 * - Code (`'x`, `@x`, `#(…)`, `#=…`) is refused with its place.
 */
import { isKeyword, keyOf, Tagged, textOf } from '../contract/value.ts';
import { atomOf, characterOf, ESCAPES, inNamespace, SYMBOLIC_VALUES } from './edn-atoms.ts';

export class EdnError extends Error {
  override readonly name = 'EdnError';
}

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
/** By character code: 1 for whitespace and commas, 2 for other characters that end a token. */
const CLASS = new Uint8Array(128);
for (const blank of ' \t\n\r\f\v,\u001c\u001d\u001e\u001f') CLASS[blank.charCodeAt(0)] = 1;
for (const end of '()[]{}"\\;^`~@') CLASS[end.charCodeAt(0)] = 2;
const isBlank = (code: number) =>
  code < 128 ? CLASS[code] === 1 : /\s/.test(String.fromCharCode(code));
const isDelimiter = (code: number) => (code < 128 ? CLASS[code]! > 0 : isBlank(code));
const DEPTH_MAX = 200;
/** Tags that only name a collection's implementation. */
const KEPT_IN_ORDER: ReadonlySet<string> = new Set(['ordered/map', 'ordered/set']);

/** Reads forms one at a time. */
export class EdnReader {
  readonly #text: string;
  readonly #onTag: (tag: string) => void;
  #at = 0;
  #line: number;
  /** Offset up to which lines were counted. */
  #counted = 0;

  /** `line`: line number of the text's beginning. */
  constructor(text: string, line = 1, onTag: (tag: string) => void = () => {}) {
    this.#text = text;
    this.#line = line;
    this.#onTag = onTag;
  }

  /** The next form with its line, or `undefined` at the end. Throws EdnError with line and column. */
  next(): { readonly form: unknown; readonly line: number } | undefined {
    this.#skip(0);
    if (this.#at >= this.#text.length) return undefined;
    return { line: this.line, form: this.#form(0) };
  }

  /**
   * If a list or vector begins here, visits its forms, each with its line number, and returns true. For
   * histories that are one vector of events.
   */
  nextWithin(visit: (form: unknown, line: number) => void): boolean {
    this.#skip(0);
    const opener = this.#text[this.#at];
    if (opener !== '[' && opener !== '(') return false;
    this.#at++;
    for (;;) {
      this.#skip(1);
      if (this.#text[this.#at] === CLOSERS[opener]) break;
      const { line } = this;
      visit(this.#form(1), line);
    }
    this.#at++;
    return true;
  }

  get line(): number {
    for (;;) {
      const next = this.#text.indexOf('\n', this.#counted);
      if (next < 0 || next >= this.#at) return this.#line;
      this.#line++;
      this.#counted = next + 1;
    }
  }

  #fail(what: string): EdnError {
    return new EdnError(`line ${this.line}, column ${this.#at - this.#counted + 1}: ${what}`);
  }

  /** Skips whitespace, commas, comments and discarded forms. */
  #skip(depth: number): void {
    const text = this.#text;
    for (;;) {
      while (this.#at < text.length && isBlank(text.charCodeAt(this.#at))) this.#at++;
      const character = text[this.#at];
      const isComment = character === ';' || (character === '#' && text[this.#at + 1] === '!');
      if (isComment) {
        while (this.#at < text.length && !'\r\n'.includes(text[this.#at]!)) this.#at++;
      } else if (character === '#' && text[this.#at + 1] === '_') {
        this.#at += 2;
        this.#inner(depth);
      } else return;
    }
  }

  /** The form after a prefix. */
  #inner(depth: number): unknown {
    if (depth > DEPTH_MAX) throw this.#fail(`nested deeper than ${DEPTH_MAX}`);
    this.#skip(depth + 1);
    return this.#form(depth + 1);
  }

  #form(depth: number): unknown {
    if (depth > DEPTH_MAX) throw this.#fail(`nested deeper than ${DEPTH_MAX}`);
    const character = this.#text[this.#at];
    if (character === undefined) throw this.#fail('the text ends in the middle of a form');
    if (character === '"') return this.#string();
    if (character === '\\') return this.#character();
    if (character === '[' || character === '(') return this.#sequence(depth);
    if (character === '{') return this.#map(this.#sequence(depth));
    if (character === '#') return this.#dispatch(depth);
    if (character === '^') {
      this.#at++;
      this.#inner(depth);
      return this.#inner(depth);
    }
    if (isDelimiter(character.charCodeAt(0)) || character === "'") {
      throw this.#fail(`unexpected ${character}`);
    }
    return this.#atom();
  }

  #sequence(depth: number): unknown[] {
    const closer = CLOSERS[this.#text[this.#at++]!]!;
    const items: unknown[] = [];
    for (;;) {
      this.#skip(depth);
      if (this.#text[this.#at] === closer) {
        this.#at++;
        return items;
      }
      items.push(this.#form(depth + 1));
    }
  }

  #map(items: readonly unknown[], namespace = ''): Map<unknown, unknown> {
    if (items.length % 2 !== 0) throw this.#fail('a map has a key without a value');
    const map = new Map<unknown, unknown>();
    let composed: Set<unknown> | undefined;
    for (let i = 0; i < items.length; i += 2) {
      const key = namespace === '' ? items[i] : inNamespace(namespace, items[i]);
      let isNew = !map.has(key);
      if (typeof key === 'object' && key !== null) {
        composed ??= new Set();
        isNew = isNew && !composed.has(keyOf(key));
        composed.add(keyOf(key));
      }
      if (!isNew) throw this.#fail(`a map has the key ${textOf(key)} twice`);
      map.set(key, items[i + 1]);
    }
    return map;
  }

  #set(items: readonly unknown[]): Set<unknown> {
    const set = new Set(items);
    const isComposed = items.some((one) => typeof one === 'object' && one !== null);
    const different = isComposed ? new Set(items.map(keyOf)).size : set.size;
    if (different < items.length) throw this.#fail('a set has an element twice');
    return set;
  }

  #dispatch(depth: number): unknown {
    const next = this.#text[++this.#at];
    if (next === '{') return this.#set(this.#sequence(depth));
    if (next === '"') return new Tagged('regex', this.#rawString());
    if (next === '^') return this.#form(depth);
    if (next === '#') {
      this.#at++;
      const name = this.#token();
      const value = SYMBOLIC_VALUES.get(name);
      if (value === undefined) throw this.#fail(`unknown symbolic value ##${name}`);
      return value;
    }
    if (next === ':') return this.#namespacedMap(depth);
    const tag = this.#token();
    if (!/^[^\W\d_]/u.test(tag)) throw this.#fail(`unexpected #${tag || (next ?? '')}`);
    this.#onTag(tag);
    const value = this.#inner(depth);
    if (tag.startsWith('jepsen.independent')) return value;
    return KEPT_IN_ORDER.has(tag) ? this.#ordered(tag, value) : new Tagged(tag, value);
  }

  #ordered(tag: string, value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    if (tag === 'ordered/set') return this.#set(value);
    if (!value.every((pair) => Array.isArray(pair) && pair.length === 2)) {
      throw this.#fail('an ordered map is a list of pairs');
    }
    return this.#map(value.flat(1));
  }

  /** `#:name{…}` and `#::name{…}`: keywords without a namespace get this one. */
  #namespacedMap(depth: number): unknown {
    const namespace = this.#token().replace(/^:+/, '');
    this.#skip(depth);
    if (this.#text[this.#at] !== '{') throw this.#fail('a namespace is not followed by a map');
    return this.#map(this.#sequence(depth), namespace || 'user');
  }

  #string(): unknown {
    const start = this.#at + 1;
    const end = this.#text.indexOf('"', start);
    if (end < 0) throw this.#fail('a string is not closed');
    let value = this.#text.slice(start, end);
    if (value.includes('\\')) value = this.#escaped();
    else this.#at = end + 1;
    return isKeyword(value) ? new Tagged('text', value) : value;
  }

  #escaped(): string {
    let value = '';
    for (this.#at++; ; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#fail('a string is not closed');
      if (character === '"') break;
      value += character === '\\' ? this.#escape() : character;
    }
    this.#at++;
    return value;
  }

  #escape(): string {
    const rest = this.#text.slice(this.#at + 1, this.#at + 6);
    const code = /^u([\da-fA-F]{4})/.exec(rest)?.[1];
    const octal = /^(?:[0-3][0-7]{0,2}|[4-7][0-7]?)/.exec(rest)?.[0];
    const plain = ESCAPES.get(rest[0] ?? '');
    if (plain === undefined && code === undefined && octal === undefined) {
      throw this.#fail(`unknown escape \\${rest[0] ?? ''}`);
    }
    this.#at += code !== undefined ? 5 : (octal?.length ?? 1);
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return octal !== undefined ? String.fromCharCode(Number.parseInt(octal, 8)) : plain!;
  }

  /** Regular expression: backslashes are kept. */
  #rawString(): string {
    const start = ++this.#at;
    for (; this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === '\\') this.#at++;
      if (this.#at >= this.#text.length) throw this.#fail('a string is not closed');
    }
    return this.#text.slice(start, this.#at++);
  }

  #character(): unknown {
    const first = String.fromCodePoint(this.#text.codePointAt(++this.#at) ?? 32);
    this.#at += first.length;
    const token = first + this.#token();
    const found = characterOf(token);
    if (found === undefined) throw this.#fail(`\\${token} is no character`);
    return found;
  }

  #token(): string {
    const start = this.#at;
    const text = this.#text;
    while (this.#at < text.length && !isDelimiter(text.charCodeAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #atom(): unknown {
    const token = this.#token();
    const value = atomOf(token);
    if (value === undefined)
      throw this.#fail(`${token} is not a number that can be represented exactly`);
    if (token === ':') throw this.#fail('a keyword has no name');
    return value;
  }
}
