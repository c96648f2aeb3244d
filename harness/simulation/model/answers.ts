/** Compares a store's answers with its model's, and counts the comparisons. */
import type { Content } from '../sim/direct-store.ts';

const SHOWN_CHARACTERS = 40;

export class Answers {
  comparisons = 0;

  /** Throws an Error that says what differs. */
  same(what: string, found: string | undefined, expected: string | undefined): void {
    this.comparisons++;
    if (found === expected) return;
    throw new Error(`${what} is ${shown(found)}, not ${shown(expected)}`);
  }

  sameContent(what: string, found: Content, expected: Content): void {
    const shorter = Math.min(found.length, expected.length);
    for (let i = 0; i < shorter; i++) {
      this.same(`${what}: key ${i}`, found[i]![0], expected[i]![0]);
      this.same(`${what}: ${found[i]![0]}`, found[i]![1], expected[i]![1]);
    }
    if (found.length !== expected.length) {
      throw new Error(`${what}: there are ${found.length} records, not ${expected.length}`);
    }
  }
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'missing';
  const cut = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return `${JSON.stringify(cut)} (${value.length} letters)`;
}
