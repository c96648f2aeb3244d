/**
 * Ledger: for each class of fault how often it struck, and how often that mattered: a read or write
 * failed that would not have, or the state after a crash is another one. A class that never mattered
 * was not exercised, and nothing is proven about it.
 */
export interface LedgerEntry {
  struck: number;
  mattered: number;
}

export class Ledger {
  readonly #entries = new Map<string, LedgerEntry>();

  struck(fault: string): void {
    this.#entry(fault).struck++;
  }

  mattered(fault: string): void {
    this.#entry(fault).mattered++;
  }

  add(other: Ledger): void {
    for (const [fault, { struck, mattered }] of other.entries()) {
      const entry = this.#entry(fault);
      entry.struck += struck;
      entry.mattered += mattered;
    }
  }

  /** In the order they were first named. */
  entries(): readonly (readonly [fault: string, entry: Readonly<LedgerEntry>])[] {
    return [...this.#entries];
  }

  of(fault: string): Readonly<LedgerEntry> {
    return this.#entries.get(fault) ?? { struck: 0, mattered: 0 };
  }

  #entry(fault: string): LedgerEntry {
    let entry = this.#entries.get(fault);
    if (entry === undefined) {
      entry = { struck: 0, mattered: 0 };
      this.#entries.set(fault, entry);
    }
    return entry;
  }
}
