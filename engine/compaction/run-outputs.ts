/**
 * RunOutputs: what flushes and merges write to. Hands out file numbers, and readers of what was
 * written.
 */
import { removeBy } from '../run/open-runs.ts';
import { runFileName } from '../run/run-format.ts';
import { RunReader } from '../run/run-reader.ts';
import type { RunTarget, WrittenRun } from '../run/run-writer.ts';
import type { MaintenanceParts } from './parts.ts';

export class RunOutputs {
  readonly #parts: MaintenanceParts;
  /** The number of the next file. Durable with the next manifest; recovery skips what it finds. */
  nextNumber: number;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.nextNumber = parts.manifest.state.nextNumber;
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
      blockBytes: settings.blockBytes,
      packed: tier > 0 && settings.compression === 'zstd',
    };
    return { target, safePoint: safePoint.advance(this.#parts.visibleLsn()), bottom };
  }

  /** The point index of a small run goes to the cache: what is written then adds nothing to memory. */
  reader({ meta, index }: WrittenRun): RunReader {
    const { env, settings, cache } = this.#parts;
    const removeLater = removeBy(env.disk, env.background);
    const { slots, placeBits } = index.points;
    const loan = cache.lend(slots.byteLength);
    if (loan === undefined) {
      return new RunReader(env.disk, settings.directory, meta, cache, { index, removeLater });
    }
    const { buffer, byteOffset } = loan.bytes;
    const lent = new Uint32Array(buffer, byteOffset, slots.length);
    lent.set(slots);
    if (slots.buffer instanceof ArrayBuffer) slots.buffer.transfer(0); // freed now, not some day
    const options = { index: { ...index, points: { slots: lent, placeBits } }, loan, removeLater };
    return new RunReader(env.disk, settings.directory, meta, cache, options);
  }
}
