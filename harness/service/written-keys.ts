/**
 * WrittenKeys: what reads may show of keys that each have one writer, which writes rising numbers.
 *
 * 1. A read shows at least what was acknowledged, and what any read had shown, when it began.
 * 2. It never shows a number whose write was refused as surely not applied.
 * 3. A key whose last write is open is written no more, so a number never goes back.
 */
interface Written {
  attempted: number;
  floor: number;
  readonly refused: Set<number>;
}

export class WrittenKeys {
  readonly #keys = new Map<string, Written>();

  /** The number that the writer of `key` writes next. */
  attempt(key: string): number {
    return ++this.#of(key).attempted;
  }

  acknowledged(key: string, number: number): void {
    const written = this.#of(key);
    written.floor = Math.max(written.floor, number);
  }

  refused(key: string, number: number): void {
    this.#of(key).refused.add(number);
  }

  floor(key: string): number {
    return this.#of(key).floor;
  }

  /** Throws what is wrong with a read that began when `floor` was the least it could show. */
  read(key: string, found: number, floor: number): void {
    const written = this.#of(key);
    if (found < floor) throw new Error(`${key} went back to ${found}; it was ${floor} before`);
    if (written.refused.has(found)) {
      throw new Error(`${key} is ${found}, and that write surely did not happen`);
    }
    if (found > written.attempted)
      throw new Error(`${key} is ${found}, a value that was never written`);
    written.floor = Math.max(written.floor, found);
  }

  get all(): readonly string[] {
    return [...this.#keys.keys()];
  }

  #of(key: string): Written {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const written: Written = { attempted: 0, floor: 0, refused: new Set() };
    this.#keys.set(key, written);
    return written;
  }
}
