/**
 * RunOutputs: makes the output runs of flushes and merges. Assigns file numbers, has a task write the run, names
 * it in the manifest and returns a reader. If a step fails, removes the file.
 */
import type { Lane } from '../env/background.ts';
import { hasEntry } from '../env/guarded-disk.ts';
import { isStoreError, StoreError } from '../errors.ts';
import { isKept } from '../format/kept-words.ts';
import type { ManifestEdit } from '../manifest/manifest.ts';
import type { Lease } from '../run/block-cache.ts';
import { CacheWarming } from '../run/cache-warming.ts';
import { loadPointsBy, removeBy } from '../run/open-runs.ts';
import { type RunMeta, runFileName } from '../run/run-format.ts';
import type { BlockIndex } from '../run/run-index.ts';
import { RunReader } from '../run/run-reader.ts';
import type { RunTarget, WrittenRun } from '../run/run-writer.ts';
import type { MaintenanceParts } from './parts.ts';
import type { CompactTask, FlushTask } from './task.ts';
import { WorkMemory, workOf } from './work-memory.ts';

/** Indexes in the cache's memory, for each run that a merge takes. */
const LEASES_PER_FAN_IN = 2;

export class RunOutputs {
  readonly #parts: MaintenanceParts;
  readonly #warming: CacheWarming;
  readonly #work: Readonly<Record<Lane, WorkMemory>>;
  /** The number of the next file. Durable with the next manifest; recovery skips what it finds. */
  nextNumber: number;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.nextNumber = parts.manifest.state.nextNumber;
    const limitBytes = () => parts.memory.limitBytes;
    const { env, memory, tree, log } = parts;
    this.#warming = new CacheWarming({ clock: env.clock, cache: memory.cache, tree, log });
    this.#warming.begin();
    this.#work = { flush: new WorkMemory(limitBytes), merge: new WorkMemory(limitBytes) };
  }

  /** Working memory of flushes and merges, including what is kept for the next. */
  get workBytes(): number {
    return this.#work.flush.bytes + this.#work.merge.bytes;
  }

  /** Upper bound of the part that a worker keeps for the next task. */
  get keptBytes(): number {
    return this.#work.merge.keptBytes;
  }

  /** Stops reading into the cache. */
  end(): void {
    this.#warming.end();
  }

  /** `bottom`: no run older than this one exists. */
  next(tier: number, bottom: boolean) {
    const { settings, manifest, safePoint } = this.#parts;
    const number = this.nextNumber++;
    const target: RunTarget = {
      path: `${settings.directory}/${runFileName(number)}`,
      number,
      tier,
      hashSeed: manifest.state.hashSeed,
      hashSecret: manifest.state.hashSecret,
      blockBytes: settings.blockBytes,
      packed: tier > 0 && settings.compression === 'zstd',
    };
    const { keptBytes } = this;
    return { target, safePoint: safePoint.advance(this.#parts.visibleLsn()), bottom, keptBytes };
  }

  /**
   * Has a task write its run and names the run in the manifest with `edit`. Whatever fails before that
   * removes the file; if the outcome of the manifest switch is unknown, the file stays. `isWanted` is asked
   * when the run is written. Answers a reader of it, or `undefined` if there was nothing to write.
   */
  async produce(
    task: FlushTask | CompactTask,
    edit: (run: RunMeta | undefined) => ManifestEdit,
    isWanted: () => boolean,
  ): Promise<RunReader | undefined> {
    const { env, settings, manifest, memory } = this.#parts;
    manifest.refuseIfFailed();
    let reader: RunReader | undefined;
    let mayBeNamed = false;
    try {
      const lane = task.kind === 'flush' ? 'flush' : 'merge';
      const written = (await this.#work[lane].during(workOf(task), () => {
        memory.balance();
        return env.background.run(task, lane);
      })) as WrittenRun | undefined;
      if (!isWanted()) throw new StoreError('store-closed', 'the store was closed', true);
      if (written !== undefined) reader = this.#reader(written);
      await env.disk.syncDirectory(settings.directory);
      await manifest.apply(edit(reader?.meta)).catch((error: unknown) => {
        mayBeNamed = !isStoreError(error) || !error.definite;
        throw error;
      });
      this.#warming.begin();
      return reader;
    } catch (error) {
      if (!mayBeNamed) this.#discard(task.target, reader);
      throw error;
    }
  }

  /** Requires: the task has ended. */
  #discard({ path, number }: RunTarget, reader: RunReader | undefined): void {
    const { env, settings } = this.#parts;
    if (reader !== undefined) reader.markObsolete();
    else if (hasEntry(env.disk, settings.directory, runFileName(number)) !== false) {
      env.disk.remove(path);
    }
  }

  /**
   * The point index of a small run goes to the cache: what is written then adds nothing to memory. Only of
   * as many runs as wait for merges: memory that was lent can't be given up, and runs that need no merge
   * stay. One that there is no room for is left where it is, on disk.
   */
  #reader({ meta, index }: WrittenRun): RunReader {
    const { env, settings, memory } = this.#parts;
    const { slots, placeBits, keyed } = index.points;
    const mayLend = memory.cache.leases < LEASES_PER_FAN_IN * settings.fanIn;
    const lease = mayLend ? memory.cache.lend(slots.byteLength) : undefined;
    const held = lease === undefined && memory.mayHold(slots.byteLength) ? owned(slots) : undefined;
    const kept = lease === undefined ? held : movedTo(lease, slots);
    const reader = new RunReader(env.disk, settings.directory, meta, memory.cache, {
      index: ownBlocks(index),
      loadPoints: loadPointsBy(env.background, settings.directory),
      removeLater: removeBy(env.disk, env.background),
      mayHold: (bytes) => memory.mayHold(bytes),
      ...(kept === undefined ? {} : { points: { slots: kept, placeBits, keyed } }),
      ...(lease === undefined ? {} : { lease }),
    });
    memory.balance();
    return reader;
  }
}

/** Kept arrays are reused for the next run; the reader owns the rest. */
function owned(words: Uint32Array): Uint32Array {
  return isKept(words) ? new Uint32Array(words) : words;
}

function ownBlocks({ footer, words, firstKeys }: BlockIndex): BlockIndex {
  if (!isKept(words)) return { footer, words, firstKeys };
  return { footer, words: owned(words), firstKeys: new Uint8Array(firstKeys) };
}

function movedTo({ bytes }: Lease, slots: Uint32Array): Uint32Array {
  const lent = new Uint32Array(bytes.buffer, bytes.byteOffset, slots.length);
  lent.set(slots);
  if (slots.buffer instanceof ArrayBuffer) slots.buffer.transfer(0); // freed now, not some day
  return lent;
}
