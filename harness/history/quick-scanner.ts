/**
 * QuickScanner: shared by the fast event readers. Parses the common case straight from bytes: integers
 * of at most 15 digits, plain ASCII strings, lists and maps.
 *
 * Invariant: on anything else they fall back to the exact reader of the format, so no rule of a format
 * is implemented twice. A line that the fast path accepts has the same value there.
 *
 * Cost: a tenth of a microsecond for a short line. Lists have no spare room: millions are kept.
 */

/** The fields of an event, by the names used in histories; `undefined` if missing. */
export interface RawEvent {
  type: unknown;
  process: unknown;
  f: unknown;
  value: unknown;
  time: unknown;
  key: unknown;
  position: unknown;
  link: unknown;
  stamps: unknown;
}

const NAMES = 1024;
/** Maximum length of interned strings; longer ones rarely repeat. */
const NAME_MAX_BYTES = 32;
const DIGITS_MAX = 15;
const DEPTH_MAX = 50;
const ZERO = 48;
const MINUS = 45;

export abstract class QuickScanner {
  protected bytes: Buffer = Buffer.alloc(0);
  protected at = 0;
  protected end = 0;
  /** Whether the exact reader must read this line. */
  protected hasGivenUp = false;
  /** Recently read strings by hash: most are names that repeat. */
  readonly #names: (string | undefined)[] = new Array(NAMES).fill(undefined);
  /** Stack of items of open lists. */
  readonly #items: unknown[] = [];
  #size = 0;
  #depth = 0;

  /** The event in these bytes, or `undefined` if the exact reader must read them. */
  read(bytes: Buffer, from: number, to: number): RawEvent | undefined {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.hasGivenUp = false;
    this.#size = 0;
    this.#depth = 0;
    this.skip();
    const event = this.event();
    if (this.hasGivenUp) return undefined;
    this.skip();
    return this.at === to ? event : undefined;
  }

  protected abstract event(): RawEvent | undefined;
  protected abstract value(): unknown;
  /** Skips whitespace. */
  protected abstract skip(): void;

  protected giveUp(): undefined {
    this.hasGivenUp = true;
    return undefined;
  }

  /** Reads values up to and including `closer`. `between` is called before each but the first. */
  protected list(closer: number, between: () => boolean): unknown[] {
    const base = this.#size;
    if (++this.#depth > DEPTH_MAX) this.giveUp();
    this.skip();
    while (!this.hasGivenUp && this.bytes[this.at] !== closer) {
      if (this.#size > base && !between()) this.giveUp();
      else this.#push(this.value());
      this.skip();
    }
    this.at++;
    this.#depth--;
    const items = packed(this.#items, base, this.#size);
    this.#size = base;
    return items;
  }

  #push(value: unknown): void {
    this.#items[this.#size++] = value;
  }

  /** An integer that a double represents exactly, without leading zeros or signs other than minus. */
  protected integer(): number | undefined {
    const { bytes } = this;
    let { at } = this;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const start = at;
    let value = 0;
    for (; at < this.end; at++) {
      const digit = bytes[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = 10 * value + digit;
    }
    const digits = at - start;
    const isOdd = bytes[start] === ZERO && (digits > 1 || isNegative);
    if (digits === 0 || digits > DIGITS_MAX || isOdd) return this.giveUp();
    this.at = at;
    return isNegative ? -value : value;
  }

  /** The string of these bytes, all ASCII. */
  protected text(from: number, to: number, hash: number): string {
    const { bytes } = this;
    const slot = hash & (NAMES - 1);
    const known = this.#names[slot];
    if (known !== undefined && known.length === to - from) {
      let i = 0;
      while (i < known.length && known.charCodeAt(i) === bytes[from + i]) i++;
      if (i === known.length) return known;
    }
    const text = bytes.toString('latin1', from, to);
    if (text.length <= NAME_MAX_BYTES) this.#names[slot] = text;
    return text;
  }

  /** Consumes a word if it begins here; returns whether it did. */
  protected passes(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    }
    this.at += word.length;
    return true;
  }
}

/** An array grown by push keeps spare capacity for 16 more items. */
function packed(items: readonly unknown[], from: number, to: number): unknown[] {
  switch (to - from) {
    case 0:
      return [];
    case 1:
      return [items[from]];
    case 2:
      return [items[from], items[from + 1]];
    case 3:
      return [items[from], items[from + 1], items[from + 2]];
    default:
      return items.slice(from, to);
  }
}

export const emptyEvent = (): RawEvent => ({
  type: undefined,
  process: undefined,
  f: undefined,
  value: undefined,
  time: undefined,
  key: undefined,
  position: undefined,
  link: undefined,
  stamps: undefined,
});

/** Other fields are ignored. */
export function setField(event: RawEvent, name: string, value: unknown): void {
  switch (name) {
    case 'type':
      event.type = value;
      break;
    case 'process':
      event.process = value;
      break;
    case 'f':
      event.f = value;
      break;
    case 'value':
      event.value = value;
      break;
    case 'time':
      event.time = value;
      break;
    case 'key':
      event.key = value;
      break;
    case 'position':
      event.position = value;
      break;
    case 'link':
      event.link = value;
      break;
    case 'stamps':
      event.stamps = value;
  }
}
