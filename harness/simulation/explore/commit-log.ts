/**
 * CommitLog: the commits of a workload in the order of their invocation, and what the store had promised about
 * each at any time. The input of the judge of a crash state.
 */
import type { Change, Content } from '../sim/direct-store.ts';

export class CommitLog {
  readonly #commits: (readonly Change[])[] = [];
  readonly #contents: Content[] = [[]];
  /** Number of leading commits that must survive a power cut. */
  promised = 0;

  /** A commit is issued. Answers its number, from 1. */
  issue(changes: readonly Change[]): number {
    const content = new Map(this.#contents.at(-1));
    for (const [key, value] of changes) {
      if (value === null) content.delete(key);
      else content.set(key, value);
    }
    this.#contents.push([...content].sort(([a], [b]) => (a < b ? -1 : 1)));
    return this.#commits.push(changes);
  }

  get issued(): number {
    return this.#commits.length;
  }

  /** What the store holds after the first `count` commits. */
  content(count: number): Content {
    return this.#contents[count]!;
  }

  /**
   * The longest prefix of commits, of at most `most`, that makes up this content; `undefined` when
   * none does: then something is torn, reordered or made up.
   */
  prefixOf(content: Content, most: number): number | undefined {
    for (let count = most; count >= 0; count--) {
      if (sameContent(this.#contents[count]!, content)) return count;
    }
    return undefined;
  }
}

export function sameContent(a: Content, b: Content): boolean {
  return (
    a.length === b.length && a.every(([key, value], i) => key === b[i]![0] && value === b[i]![1])
  );
}

/** For messages: long values cut short. */
export function describeContent(content: Content): string {
  const records = content.map(([key, value]) => `${key}=${value.trim().slice(0, 12)}`);
  return records.length === 0 ? 'nothing' : records.join(' ');
}
