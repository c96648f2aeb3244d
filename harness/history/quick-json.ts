/**
 * QuickJson: fast path for one event per line of JSON, with the results of json.ts. See
 * quick-scanner.ts.
 *
 * Falls back on escapes, non-ASCII characters, decimals, large integers, and keys that may be more than
 * a name.
 */
import { emptyEvent, QuickScanner, type RawEvent, setField } from './quick-scanner.ts';

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const BACKSLASH = 92;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;
const SPACE = 32;
const DELETE = 127;

export class QuickJson extends QuickScanner {
  readonly #comma = () => this.#passes(COMMA);

  protected event(): RawEvent | undefined {
    const event = emptyEvent();
    if (!this.#passes(OPEN_MAP)) return this.giveUp();
    for (let isFirst = true; ; isFirst = false) {
      const name = this.#name(isFirst);
      if (name === undefined) return event;
      const value = this.value();
      if (this.hasGivenUp) return undefined;
      setField(event, name, value);
    }
  }

  /** Reads the next member name, up to its value; `undefined` at the end of the object. */
  #name(isFirst: boolean): string | undefined {
    this.skip();
    if (this.#passes(CLOSE_MAP)) return undefined;
    if (!isFirst && !this.#passes(COMMA)) return this.giveUp();
    this.skip();
    const name = this.bytes[this.at] === QUOTE ? this.#string() : this.giveUp();
    this.skip();
    if (name === undefined || !this.#passes(COLON)) return this.giveUp();
    this.skip();
    return name;
  }

  protected value(): unknown {
    switch (this.bytes[this.at]) {
      case QUOTE:
        return this.#string();
      case OPEN_LIST:
        this.at++;
        return this.list(CLOSE_LIST, this.#comma);
      case OPEN_MAP:
        this.at++;
        return this.#map();
      case 110:
        return this.passes('null') ? null : this.giveUp();
      case 116:
        return this.passes('true') ? true : this.giveUp();
      case 102:
        return this.passes('false') ? false : this.giveUp();
      default:
        return this.#number();
    }
  }

  #number(): number | undefined {
    const value = this.integer();
    const next = this.bytes[this.at]!;
    const isOver = next === COMMA || next === CLOSE_LIST || next === CLOSE_MAP || next <= SPACE;
    return isOver ? value : this.giveUp();
  }

  #map(): Record<string, unknown> | undefined {
    const map: Record<string, unknown> = {};
    for (let isFirst = true; ; isFirst = false) {
      const name = this.#name(isFirst);
      if (name === undefined) return map;
      // `#edn` encodes another value; `__proto__` is not an ordinary member name.
      const mayMeanMore = name === '#edn' || name === '__proto__';
      map[name] = mayMeanMore ? this.giveUp() : this.value();
      if (this.hasGivenUp) return undefined;
    }
  }

  #string(): string | undefined {
    const { bytes, end } = this;
    const start = this.at + 1;
    let hash = 0;
    for (let at = start; at < end; at++) {
      const code = bytes[at]!;
      if (code === QUOTE) {
        this.at = at + 1;
        return this.text(start, at, hash);
      }
      if (code === BACKSLASH || code < SPACE || code >= DELETE) break;
      hash = (Math.imul(hash, 31) + code) | 0;
    }
    return this.giveUp();
  }

  #passes(code: number): boolean {
    this.skip();
    if (this.bytes[this.at] !== code) return false;
    this.at++;
    this.skip();
    return true;
  }

  protected skip(): void {
    const { bytes } = this;
    for (; this.at < this.end; this.at++) {
      const code = bytes[this.at]!;
      if (code > SPACE || (code !== SPACE && code !== 9 && code !== 13 && code !== 10)) return;
    }
  }
}
