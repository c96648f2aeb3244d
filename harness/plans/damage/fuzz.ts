/**
 * Fuzz: edits one file of a store, then verifies, opens, reads and writes it. Every call must end with a result or
 * a typed error.
 *
 * - Plain edit: everything shown was written. For a log, the content is at least that of a shorter log.
 * - Edit resealed with matching checksums: indistinguishable from written data, so any content is allowed; but
 *   the process survives and no error is a programming error.
 */

import { nothingWrong, type Outcome } from '../../cells/outcome.ts';
import type { SimulatedParts } from '../../cells/parts.ts';
import type { Fuzz } from '../../contract/scenario.ts';
import { isOperationError } from '../../contract/target.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { editBytes } from '../../fuzz/byte-edits.ts';
import { type FuzzStore, makeFuzzStore } from '../../fuzz/fuzz-store.ts';
import { deriveSeed, Prng } from '../../random/prng.ts';
import { DIRECTORY } from '../../simulation/explore/record-run.ts';
import type { SimDisk } from '../../simulation/sim/sim-disk.ts';
import { instantWorld } from '../../simulation/sim/world.ts';

const FILES_A_STORE = 50;
const SEALED = 0.4;
const AFTER = ['after the fuzzing', 'written'] as const;

type FuzzParts = SimulatedParts<Fuzz>;

export async function runFuzz(parts: FuzzParts): Promise<Outcome> {
  const { target, settings, plan, seed, progress } = parts;
  const figures: Record<string, number> = { files: 0, sealedAgain: 0, refused: 0, readAnyway: 0 };
  let bad: string | undefined;
  let goOn = true;
  for (let run = 0; figures.files! < plan.files && bad === undefined && goOn; run++) {
    const runSeed = deriveSeed(seed, `run ${run}`);
    const random = new Prng(runSeed);
    const store = await makeFuzzStore(target, settings, random.derive('store'));
    for (let i = 0; i < FILES_A_STORE && bad === undefined; i++) {
      const fuzzed = fuzzedCopy(parts, store.disk, random.derive('file', i));
      figures.files!++;
      figures[fuzzed.kind] = (figures[fuzzed.kind] ?? 0) + 1;
      if (fuzzed.isSealed) figures.sealedAgain!++;
      const outcome = await meet(parts, store, fuzzed);
      if (outcome === 'refused') figures.refused!++;
      else if (outcome === 'read') figures.readAnyway!++;
      else bad = `${fuzzed.what}: ${outcome} — run seed ${runSeed}`;
    }
    goOn = progress(Math.min(figures.files!, plan.files), plan.files, 'fuzzed files');
  }
  const counts = { files: figures.files! };
  const verdict: Verdict =
    bad === undefined
      ? nothingWrong(figures.files!, plan.files, 'fuzzed files', counts)
      : { validity: 'invalid', reasons: [bad], counts };
  return { verdict, figures, notVerified: [] };
}

interface Fuzzed {
  readonly disk: SimDisk;
  readonly kind: string;
  readonly isSealed: boolean;
  readonly what: string;
}

function fuzzedCopy({ target }: FuzzParts, disk: SimDisk, random: Prng): Fuzzed {
  const copy = disk.crashClone('all-kept', { random, error: target.diskError });
  const { path, kind } = random.pick(target.liveFiles(copy, DIRECTORY));
  const file = copy.open(path, 'write');
  const original = new Uint8Array(copy.size(file));
  copy.readAt(file, original, 0);
  const { bytes, what } = editBytes(original, random);
  const isSealed = target.seal !== undefined && random.chance(SEALED);
  if (isSealed) target.seal!(kind, bytes, original);
  copy.truncate(file, bytes.length);
  copy.writeAt(file, bytes, 0);
  copy.close(file);
  return { disk: copy, kind, isSealed, what: `${path}, ${what}${isSealed ? ', sealed' : ''}` };
}

/** `refused`, `read`, or what is wrong with how it was met. */
async function meet(parts: FuzzParts, store: FuzzStore, fuzzed: Fuzzed): Promise<string> {
  const { target, settings } = parts;
  const { disk, isSealed, kind } = fuzzed;
  let found = false;
  try {
    found = target.verify(disk, DIRECTORY).length > 0;
  } catch (error) {
    if (!isOperationError(error)) return `verify fails with an untyped error: ${inFull(error)}`;
    found = true;
  }
  try {
    const { env } = instantWorld(target, disk, new Prng(1));
    const opened = await target.openDirect(env, DIRECTORY, settings);
    const shown = JSON.stringify(opened.read());
    const backwards = JSON.stringify(opened.readReversed());
    const single = opened.getMany(store.keys);
    await opened.write([AFTER]);
    await opened.compact();
    await opened.close();
    if (isSealed) return 'read';
    const allowed = kind === 'log' ? store.contents : store.contents.slice(-1);
    if (!allowed.includes(shown)) return 'it shows what was not written, or leaves something out';
    if (backwards !== shown) return 'backwards it shows something else';
    const one = new Map(JSON.parse(shown) as [string, string][]);
    const wrong = store.keys.find((key, i) => single[i] !== one.get(key));
    if (wrong !== undefined) return `${wrong} reads otherwise alone than in a range`;
    return 'read';
  } catch (error) {
    if (!isOperationError(error)) return `it fails with an untyped error: ${inFull(error)}`;
    if (kind !== 'log' && !isSealed && !found) return `verify finds nothing, and: ${error.message}`;
    return 'refused';
  }
}

function inFull(error: unknown): string {
  const { stack, message } = (error ?? {}) as Partial<Error>;
  return stack?.split('\n').slice(0, 3).join(' ') ?? message ?? String(error);
}
