/** Growable columns: typed arrays that double, for histories too long for objects. */

const INITIAL = 1024;

export class GrowingInts {
  #values = new Int32Array(INITIAL);
  size = 0;

  push(value: number): void {
    if (this.size === this.#values.length) {
      const wider = new Int32Array(2 * this.size);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.size++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** The values so far; valid until the next push. */
  view(): Int32Array {
    return this.#values.subarray(0, this.size);
  }
}

export class GrowingFloats {
  #values = new Float64Array(INITIAL);
  size = 0;

  push(value: number): void {
    if (this.size === this.#values.length) {
      const wider = new Float64Array(2 * this.size);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.size++] = value;
  }

  at(index: number): number {
    return this.#values[index]!;
  }

  view(): Float64Array {
    return this.#values.subarray(0, this.size);
  }
}

/** A map from pairs of numbers to a number, in one typed array. Absent pairs answer -1. */
export class PairMap {
  #slots: Int32Array;
  #mask: number;
  size = 0;

  constructor(expected: number) {
    let capacity = 16;
    while (capacity < 2 * expected) capacity *= 2;
    this.#slots = new Int32Array(3 * capacity).fill(-1);
    this.#mask = capacity - 1;
  }

  get(a: number, b: number): number {
    return this.#slots[this.#slotOf(a, b) + 2]!;
  }

  /** Sets the pair's number; returns the previous one, or -1. */
  add(a: number, b: number, value: number): number {
    if (2 * (this.size + 1) > this.#mask + 1) this.#grow();
    const slot = this.#slotOf(a, b);
    const before = this.#slots[slot + 2]!;
    if (this.#slots[slot] === -1) this.size++;
    this.#slots[slot] = a;
    this.#slots[slot + 1] = b;
    this.#slots[slot + 2] = value;
    return before;
  }

  #slotOf(a: number, b: number): number {
    // Sixteen neighbours in `b` lie side by side: they are asked for one after the other.
    let h = Math.imul(a ^ 0x5bd1e995, 0x85ebca6b) ^ Math.imul((b >> 4) + 0x7f4a7c15, 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = ((h ^ (h >>> 13)) << 4) | (b & 15);
    for (let at = h & this.#mask; ; at = (at + 1) & this.#mask) {
      const slot = 3 * at;
      const key = this.#slots[slot];
      if (key === -1 || (key === a && this.#slots[slot + 1] === b)) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length).fill(-1);
    this.#mask = this.#slots.length / 3 - 1;
    this.size = 0;
    for (let slot = 0; slot < old.length; slot += 3) {
      if (old[slot] !== -1) this.add(old[slot]!, old[slot + 1]!, old[slot + 2]!);
    }
  }
}
