/**
 * JoinedRuns: runs whose spans do not overlap, read as one. A point read asks the one run whose span may
 * hold the key; a range walks from one run to the next without opening all of them.
 *
 * Invariants:
 * 1. The runs are neighbours in age, so their lsns are one range of their own among the other runs'.
 * 2. They lie in key order here. Blocks are counted through: block 0 of a run follows the last block of
 *    the run before.
 */
import { compareBytes } from '../format/bytes.ts';
import type { Block, BlockSource } from './block.ts';
import type { Lookup } from './lookup.ts';
import type { Cursor, CursorRange } from './record.ts';
import { RunCursor } from './run-cursor.ts';
import type { RunMeta } from './run-format.ts';
import { RunReader } from './run-reader.ts';
import { bySpan, bytesOf, disjointGroups } from './run-span.ts';
import type { TreeRun } from './tree-run.ts';

/** `runs`: oldest first. Neighbours that can be read as one become one; the order stays. */
export function joinRuns(runs: readonly TreeRun[]): readonly TreeRun[] {
  if (runs.length < 2) return runs;
  const spanOf = (run: TreeRun) => (run instanceof RunReader ? run.meta.span : undefined);
  return disjointGroups(runs, spanOf).map((group) =>
    group.length === 1 ? group[0]! : new JoinedRuns(group as unknown as RunReader[]),
  );
}

class JoinedRuns implements BlockSource, TreeRun {
  readonly meta: RunMeta;
  /** By key. */
  readonly #runs: readonly RunReader[];
  readonly #lastKeys: readonly Uint8Array[];
  /** The number of each run's first block here, and of all blocks. Counted with the first range. */
  #firstBlocks: Uint32Array | undefined;

  constructor(runs: readonly RunReader[]) {
    this.#runs = runs.toSorted((a, b) => bySpan(a.meta, b.meta));
    this.#lastKeys = this.#runs.map((run) => bytesOf(run.meta.span![1]));
    const metas = runs.map(({ meta }) => meta);
    const sum = (of: (meta: RunMeta) => number) => metas.reduce((all, meta) => all + of(meta), 0);
    this.meta = {
      ...metas.at(-1)!,
      bytes: sum(({ bytes }) => bytes),
      records: sum(({ records }) => records),
      minLsn: metas[0]!.minLsn,
    };
  }

  get indexBytes(): number {
    return this.#runs.reduce((sum, run) => sum + run.indexBytes, 0);
  }

  get failedProbes(): number {
    return this.#runs.reduce((sum, run) => sum + run.failedProbes, 0);
  }

  get longestProbe(): number {
    return this.#runs.reduce((most, run) => Math.max(most, run.longestProbe), 0);
  }

  find(lookup: Lookup): boolean {
    const run = this.#runOf(lookup.key);
    return run.meta.minLsn <= lookup.atLsn && run.find(lookup);
  }

  touch(lookup: Lookup): number {
    return this.#runOf(lookup.key).touch(lookup);
  }

  touchRecord(lookup: Lookup): boolean {
    return this.#runOf(lookup.key).touchRecord(lookup);
  }

  openCursors(range: CursorRange, cursors: Cursor[]): void {
    cursors.push(new RunCursor(this, range));
  }

  get blocks(): number {
    return this.#starts()[this.#runs.length]!;
  }

  /** The same for all: no run of a format without checks states a span. */
  get checkBytes(): number {
    return this.#runs[0]!.checkBytes;
  }

  block(number: number): Block {
    const starts = this.#starts();
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= number) low = middle;
      else high = middle - 1;
    }
    return this.#runs[low]!.block(number - starts[low]!);
  }

  unpin(block: Block): void {
    this.#runs[0]!.unpin(block); // they share one cache
  }

  blockBefore(key: Uint8Array): number {
    const at = this.#placeOf(key);
    return this.#starts()[at]! + this.#runs[at]!.blockBefore(key);
  }

  hold(): void {
    for (const run of this.#runs) run.hold();
  }

  release(): void {
    for (const run of this.#runs) run.release();
  }

  close(): void {
    for (const run of this.#runs) run.close();
  }

  #runOf(key: Uint8Array): RunReader {
    return this.#runs[this.#placeOf(key)]!;
  }

  /** The first run that does not end before the key; the last one when all do. */
  #placeOf(key: Uint8Array): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.#lastKeys[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #starts(): Uint32Array {
    if (this.#firstBlocks !== undefined) return this.#firstBlocks;
    const starts = new Uint32Array(this.#runs.length + 1);
    for (const [i, run] of this.#runs.entries()) starts[i + 1] = starts[i]! + run.blocks;
    this.#firstBlocks = starts;
    return starts;
  }
}
