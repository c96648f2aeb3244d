/**
 * Isolation levels: which anomalies each proscribes, and how they imply one another. Weaker ones
 * come first.
 *
 * Sources: Adya 1999 (PL-1, PL-2, PL-CS, PL-2+, PL-FCV, PL-2.99, PL-SI, PL-3U, PL-3), Bailis et al.
 * 2014 (monotonic atomic view, read atomic), Terry et al. 1994 (session guarantees), Biswas and
 * Enea 2019 (axiomatic read committed, causal, prefix), Cerone and Gotsman 2016 (parallel SI is
 * PL-2+ with sessions), Elle 2020 (session and realtime forms).
 */
import type { Anomaly } from './anomaly.ts';

interface Definition {
  readonly proscribes: readonly Anomaly[];
  /** The weaker levels it implies directly. */
  readonly implies: readonly string[];
}

/** Anomalies that no level allows. */
const NOTHING_SUCH = ['garbage-read', 'duplicate-elements'] as const;

const DEFINITIONS = {
  'read-uncommitted': { proscribes: ['G0', ...NOTHING_SUCH], implies: [] },
  'read-committed': {
    proscribes: ['G1a', 'G1b', 'G1c', 'dirty-update', 'incompatible-order', 'future-read'],
    implies: ['read-uncommitted'],
  },
  'cursor-stability': { proscribes: [], implies: ['read-committed'] },
  'monotonic-atomic-view': { proscribes: [], implies: ['read-committed'] },
  'read-committed-axiomatic': {
    proscribes: [
      'cyclic-causality',
      'non-monotonic-read',
      'non-monotonic-read-inferred',
      'not-own-write',
      'not-last-own-write',
    ],
    implies: ['monotonic-atomic-view'],
  },
  'read-atomic': {
    proscribes: ['internal', 'not-own-write', 'not-last-own-write', 'non-repeatable-read'],
    implies: ['monotonic-atomic-view'],
  },
  'read-your-writes': { proscribes: NOTHING_SUCH, implies: [] },
  'monotonic-reads': { proscribes: NOTHING_SUCH, implies: [] },
  'monotonic-writes': { proscribes: NOTHING_SUCH, implies: [] },
  'writes-follow-reads': { proscribes: NOTHING_SUCH, implies: [] },
  pram: { proscribes: [], implies: ['read-your-writes', 'monotonic-reads', 'monotonic-writes'] },
  'strong-session-read-atomic': {
    proscribes: ['fractured-read', 'fractured-read-inferred'],
    implies: ['read-atomic', 'read-committed-axiomatic', 'read-your-writes'],
  },
  causal: {
    proscribes: ['causality-violation', 'causality-violation-inferred'],
    implies: ['strong-session-read-atomic', 'pram', 'writes-follow-reads'],
  },
  'consistent-view': {
    proscribes: ['G-single', 'lost-update'],
    implies: ['read-atomic', 'cursor-stability'],
  },
  'forward-consistent-view': { proscribes: [], implies: ['consistent-view'] },
  'parallel-snapshot-isolation': {
    proscribes: ['G0-process', 'G1c-process', 'G-single-process'],
    implies: ['causal', 'consistent-view'],
  },
  prefix: { proscribes: [], implies: ['causal'] },
  'update-serializable': { proscribes: [], implies: ['forward-consistent-view'] },
  'snapshot-isolation': {
    proscribes: ['G-nonadjacent'],
    implies: ['forward-consistent-view'],
  },
  'repeatable-read': {
    proscribes: [
      'internal',
      'not-own-write',
      'not-last-own-write',
      'non-repeatable-read',
      'G-single',
      'lost-update',
      'G-nonadjacent',
      'G2-item',
    ],
    implies: ['cursor-stability'],
  },
  serializable: {
    proscribes: ['G2-item', 'G2', 'phantom'],
    implies: ['snapshot-isolation', 'repeatable-read', 'update-serializable'],
  },
  'strong-session-snapshot-isolation': {
    proscribes: ['G-nonadjacent-process'],
    implies: ['snapshot-isolation', 'parallel-snapshot-isolation', 'prefix'],
  },
  'strong-session-serializable': {
    proscribes: ['G2-item-process', 'G2-process'],
    implies: ['serializable', 'strong-session-snapshot-isolation'],
  },
  'strong-snapshot-isolation': {
    proscribes: ['G0-realtime', 'G1c-realtime', 'G-single-realtime', 'G-nonadjacent-realtime'],
    implies: ['strong-session-snapshot-isolation'],
  },
  'strict-serializable': {
    proscribes: ['G2-item-realtime', 'G2-realtime'],
    implies: ['strong-session-serializable', 'strong-snapshot-isolation'],
  },
} as const satisfies Record<string, Definition>;

export type Level = keyof typeof DEFINITIONS;
export const LEVELS = Object.keys(DEFINITIONS) as readonly Level[];

const proscribedBy = (level: Level): readonly Anomaly[] => DEFINITIONS[level].proscribes;
export const impliedBy = (level: Level): readonly Level[] => DEFINITIONS[level].implies;

/** Aliases of the levels, as used in the literature and by other tools. */
export const LEVEL_ALIASES: ReadonlyMap<string, Level> = new Map<string, Level>([
  ['strong-session-consistent-view', 'parallel-snapshot-isolation'],
  ['strong-serializable', 'strict-serializable'],
  ['strong-strict-serializable', 'strict-serializable'],
  ['strict-serializability', 'strict-serializable'],
  ['serializability', 'serializable'],
  ['strong-session-causal', 'causal'],
  ['transactional-causal', 'causal'],
  ['session-serializable', 'strong-session-serializable'],
  ['session-snapshot-isolation', 'strong-session-snapshot-isolation'],
  ['RU', 'read-uncommitted'],
  ['RC', 'read-committed'],
  ['MAV', 'monotonic-atomic-view'],
  ['RA', 'read-atomic'],
  ['CC', 'causal'],
  ['TCC', 'causal'],
  ['causal-cerone', 'causal'],
  ['causal-consistency', 'causal'],
  ['PC', 'prefix'],
  ['prefix-consistency', 'prefix'],
  ['PSI', 'parallel-snapshot-isolation'],
  ['SI', 'snapshot-isolation'],
  ['RR', 'repeatable-read'],
  ['SER', 'serializable'],
  ['SSER', 'strict-serializable'],
  ['PL-1', 'read-uncommitted'],
  ['PL-2', 'read-committed'],
  ['PL-CS', 'cursor-stability'],
  ['PL-2+', 'consistent-view'],
  ['PL-FCV', 'forward-consistent-view'],
  ['PL-2.99', 'repeatable-read'],
  ['PL-SI', 'snapshot-isolation'],
  ['PL-3U', 'update-serializable'],
  ['PL-3', 'serializable'],
  ['PL-SS', 'strict-serializable'],
]);

export type LevelStatus = 'holds' | 'violated' | 'unknown';

export interface LevelReport {
  readonly status: ReadonlyMap<Level, LevelStatus>;
  /** The violated levels that imply no other violated one. */
  readonly minimalViolated: readonly Level[];
  /** The holding levels that no other holding one implies. */
  readonly maximalHolding: readonly Level[];
}

/**
 * Combines the anomalies found with the results of decision procedures: a level is violated if it
 * proscribes a found anomaly or implies a violated level; it holds if it, or a stronger level, was
 * decided to hold.
 */
export function judgeLevels(
  found: ReadonlySet<Anomaly>,
  decided: ReadonlyMap<Level, LevelStatus>,
): LevelReport {
  const status = new Map<Level, LevelStatus>();
  for (const level of LEVELS) {
    const broken = proscribedBy(level).some((anomaly) => found.has(anomaly));
    const follows = impliedBy(level).some((weaker) => status.get(weaker) === 'violated');
    status.set(level, broken || follows ? 'violated' : (decided.get(level) ?? 'unknown'));
  }
  for (const level of [...LEVELS].reverse()) {
    if (status.get(level) !== 'holds') continue;
    for (const weaker of impliedBy(level)) status.set(weaker, 'holds');
  }
  const where = (wanted: LevelStatus) => LEVELS.filter((level) => status.get(level) === wanted);
  const strongerThan = (level: Level) =>
    LEVELS.filter((stronger) => impliedBy(stronger).includes(level));
  return {
    status,
    minimalViolated: where('violated').filter((level) =>
      impliedBy(level).every((weaker) => status.get(weaker) !== 'violated'),
    ),
    maximalHolding: where('holds').filter((level) =>
      strongerThan(level).every((stronger) => status.get(stronger) !== 'holds'),
    ),
  };
}
