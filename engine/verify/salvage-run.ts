/** Rewrites a damaged run from its intact blocks. */
import type { TaskSteps } from '../env/background.ts';
import type { Disk } from '../env/disk.ts';
import { blockFault, eachRecord } from '../run/block.ts';
import { plainBlock } from '../run/packed-block.ts';
import { BLOCK_GRAIN, RECORD_HEADER_BYTES, type RunMeta } from '../run/run-format.ts';
import { type RunTarget, RunWriter } from '../run/run-writer.ts';
import { slabOver } from '../run/slab.ts';

export interface Salvaged {
  readonly run: RunMeta | undefined;
  readonly givenUp: readonly string[];
}

/**
 * Finds blocks by their own headers, so that a lost block index loses nothing. A block states its
 * length; where its checksum fails the next one is sought at every 512 bytes.
 */
export function* salvageRun(
  disk: Disk,
  path: string,
  meta: RunMeta,
  target: RunTarget,
): TaskSteps<Salvaged> {
  const givenUp: string[] = [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!disk.list(path.slice(0, path.lastIndexOf('/'))).includes(name)) {
    return { run: undefined, givenUp: [`${path}: the whole run of ${meta.records} records`] };
  }
  const file = disk.open(path, 'read');
  const size = disk.size(file);
  const writer = new RunWriter(disk, target);
  let block = 0;
  for (let offset = 0; offset + BLOCK_GRAIN <= size; ) {
    const bytes = readBlockAt(disk, file, offset, size);
    const view = new DataView(bytes.buffer);
    const number = bytes.length === 0 ? 0 : view.getUint32(12, true);
    const whole = bytes.length > 0 && blockFault(bytes, meta.number, number) === undefined;
    if (!whole || number < block) {
      offset += BLOCK_GRAIN;
      continue;
    }
    block = number + 1;
    addRecords(writer, plainBlock(bytes, path, offset));
    offset += bytes.length;
    yield;
  }
  disk.close(file);
  const lost = meta.records - writer.records;
  if (lost > 0) givenUp.push(`${path}: ${lost} of ${meta.records} records`);
  if (writer.records === 0) {
    writer.abandon();
    return { run: undefined, givenUp };
  }
  const written = yield* writer.finish(meta.minLsn, meta.maxLsn);
  return { run: written.meta, givenUp };
}

/** The block that a header at `offset` claims, or no bytes when the claim is absurd. */
function readBlockAt(
  disk: Disk,
  file: Parameters<Disk['size']>[0],
  offset: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK_GRAIN);
  disk.readAt(file, header, offset);
  const length = new DataView(header.buffer).getUint32(4, true);
  if (length < BLOCK_GRAIN || length % BLOCK_GRAIN !== 0 || offset + length > size) {
    return new Uint8Array(0);
  }
  const bytes = new Uint8Array(length);
  disk.readAt(file, bytes, offset);
  return bytes;
}

function addRecords(writer: RunWriter, bytes: Uint8Array): void {
  const { words } = slabOver(bytes);
  eachRecord(bytes, ({ place, ...record }) => {
    writer.add({ bytes, words, keyOffset: place + RECORD_HEADER_BYTES, ...record });
  });
}
