/**
 * QuickEdn: fast path for one event per line of EDN, with the results of edn.ts. See quick-scanner.ts.
 *
 * Falls back on tags, sets, symbols, characters, escapes, metadata, comments, decimals, large integers,
 * and on map keys other than keywords, strings and integers.
 */
import { isKeyword } from '../contract/value.ts';
import { emptyEvent, QuickScanner, type RawEvent, setField } from './quick-scanner.ts';

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const SPACE = 32;
const DELETE = 127;
const BACKSLASH = 92;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;

/** Characters that are valid anywhere in a keyword: letters, digits, and `*+!_?<>=.-$%&|/`. */
const PLAIN = new Uint8Array(256);
for (const one of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*+!_?<>=.-$%&|/') {
  PLAIN[one.charCodeAt(0)] = 1;
}

export class QuickEdn extends QuickScanner {
  readonly #nothing = () => true;
  /** Names of the event's fields so far; a duplicate is an error. */
  readonly #fields: string[] = [];

  protected event(): RawEvent | undefined {
    const event = emptyEvent();
    if (this.bytes[this.at] !== OPEN_MAP) return this.giveUp();
    this.at++;
    this.#fields.length = 0;
    for (;;) {
      this.skip();
      if (this.bytes[this.at] === CLOSE_MAP) break;
      const name = this.bytes[this.at] === COLON ? this.#keyword() : this.giveUp();
      if (name === undefined || this.#fields.includes(name)) return this.giveUp();
      this.#fields.push(name);
      this.skip();
      const value = this.value();
      if (this.hasGivenUp) return undefined;
      setField(event, name.slice(1), value);
    }
    this.at++;
    return event;
  }

  protected value(): unknown {
    switch (this.bytes[this.at]) {
      case COLON:
        return this.#keyword();
      case QUOTE:
        return this.#string();
      case OPEN_LIST:
        this.at++;
        return this.list(CLOSE_LIST, this.#nothing);
      case OPEN_PAREN:
        this.at++;
        return this.list(CLOSE_PAREN, this.#nothing);
      case OPEN_MAP:
        this.at++;
        return this.#map();
      case 110:
        return this.#word('nil', null);
      case 116:
        return this.#word('true', true);
      case 102:
        return this.#word('false', false);
      default:
        return this.#number();
    }
  }

  #word(word: string, value: unknown): unknown {
    return this.passes(word) && this.#isOver() ? value : this.giveUp();
  }

  #number(): number | undefined {
    const value = this.integer();
    return this.#isOver() ? value : this.giveUp();
  }

  /** Whether a token ends here. */
  #isOver(): boolean {
    if (this.at >= this.end) return true;
    const code = this.bytes[this.at]!;
    const isCloser = code === CLOSE_LIST || code === CLOSE_MAP || code === CLOSE_PAREN;
    return isCloser || code === COMMA || code === SPACE;
  }

  #map(): ReadonlyMap<unknown, unknown> | undefined {
    const items = this.list(CLOSE_MAP, this.#nothing);
    if (this.hasGivenUp || items.length % 2 !== 0) return this.giveUp();
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      const isPlain = typeof key === 'string' || typeof key === 'number';
      if (!isPlain || map.has(key)) return this.giveUp();
      map.set(key, items[i + 1]);
    }
    return map;
  }

  /** A keyword is a string that begins with a colon. */
  #keyword(): string | undefined {
    const { bytes, end } = this;
    const start = this.at;
    let hash = 0;
    let at = start + 1;
    for (; at < end && PLAIN[bytes[at]!] === 1; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    this.at = at;
    return at > start + 1 && this.#isOver() ? this.text(start, at, hash) : this.giveUp();
  }

  #string(): string | undefined {
    const { bytes, end } = this;
    const start = this.at + 1;
    let hash = 0;
    for (let at = start; at < end; at++) {
      const code = bytes[at]!;
      if (code === QUOTE) {
        this.at = at + 1;
        const text = this.text(start, at, hash);
        return isKeyword(text) ? this.giveUp() : text;
      }
      if (code === BACKSLASH || code < SPACE || code >= DELETE) break;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return this.giveUp();
  }

  protected skip(): void {
    const { bytes, end } = this;
    while (this.at < end && (bytes[this.at] === SPACE || bytes[this.at] === COMMA)) this.at++;
  }
}
