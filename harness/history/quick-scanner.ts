/**
 * QuickScanner: what the quick readers of events share. They read what nearly every line of a history
 * is, straight from its bytes: integers of at most 15 digits, plain texts of ASCII, lists and maps.
 *
 * Invariant: whatever else there is, they give up, and the exact reader of the format reads the line.
 * So no rule of a format is written down twice; what is read here must come out as it does there.
 *
 * Cost: a tenth of a microsecond for a short line. Lists have no spare room: millions are kept.
 */

/** What an event says, under the names that histories use; each `undefined` where it is missing. */
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
/** Longer texts are seldom repeated. */
const NAME_MAX_BYTES = 32;
const DIGITS_MAX = 15;
const DEPTH_MAX = 50;
const ZERO = 48;
const MINUS = 45;

export abstract class QuickScanner {
  protected bytes: Buffer = Buffer.alloc(0);
  protected at = 0;
  protected end = 0;
  /** Whether something was met that the exact reader has to read. */
  protected hasGivenUp = false;
  /** Texts that were read lately, by their hash: most are names that come again. */
  readonly #names: (string | undefined)[] = new Array(NAMES).fill(undefined);
  /** Items of lists that are being read. */
  readonly #items: unknown[] = [];
  #size = 0;
  #depth = 0;

  /** The event that these bytes are, or `undefined` when the exact reader has to read them. */
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
  /** Passes over blanks. */
  protected abstract skip(): void;

  protected giveUp(): undefined {
    this.hasGivenUp = true;
    return undefined;
  }

  /** The values up to `closer`, which is passed over. `between` is told of each but the first. */
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

  /** An integer that a number holds and that has one spelling. */
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

  /** The text of these bytes, all of them ASCII. */
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

  /** Whether a word begins here; it is passed over. */
  protected passes(word: string): boolean {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    }
    this.at += word.length;
    return true;
  }
}

/** A list made by pushing keeps room for 16 more. */
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

/** Other fields are left out. */
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
