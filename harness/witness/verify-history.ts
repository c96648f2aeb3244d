/**
 * Verifies a check's result: reads the history again and verifies the witness of every level that
 * holds. Returns one sentence per level without proof.
 */
import type { HistoryFormat } from '../history/format.ts';
import { type HistorySource, readHistory } from '../history/read-history.ts';
import { type Kind, Recording } from './recorded.ts';
import { verifyWitness, type Witness } from './verify.ts';

/** Above this size only the strongest levels are verified; the others follow from them. */
const ALL_LEVELS_MAX = 2_000;

export interface Claims {
  readonly workload: string;
  readonly maximalHolding: readonly string[];
  readonly witnesses: ReadonlyMap<
    string,
    Pick<Witness, 'readFrom'> & { readonly order: () => readonly string[] }
  >;
}

export interface Verified {
  readonly levels: readonly string[];
  readonly faults: readonly string[];
}

export function verifyHistory(
  source: HistorySource,
  format: HistoryFormat,
  claims: Claims,
): Verified {
  const recording = new Recording();
  let invoked = false;
  const traits = readHistory(source, format, (event) => {
    invoked ||= event.type === 'invoke';
    recording.add(event);
  });
  const recorded = recording.finish(
    claims.workload as Kind,
    traits.hasRealTime && invoked,
    traits.initialValue,
  );
  const isSmall = recorded.transactions.length <= ALL_LEVELS_MAX;
  const levels = isSmall ? [...claims.witnesses.keys()] : claims.maximalHolding;
  const faults = levels.flatMap((level) => {
    const witness = claims.witnesses.get(level);
    const fault =
      witness === undefined
        ? 'it has no witness'
        : verifyWitness(recorded, { ...witness, level, order: witness.order() });
    return fault === undefined ? [] : [`${level}: ${fault}`];
  });
  const missing = claims.maximalHolding.filter((level) => !claims.witnesses.has(level));
  return { levels, faults: [...faults, ...missing.map((level) => `${level}: it has no witness`)] };
}
