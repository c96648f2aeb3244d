/**
 * Isolation levels, which anomalies each proscribes, and how they imply one another.
 *
 *     read-uncommitted ◄ read-committed ◄ read-atomic ◄ consistent-view ◄ snapshot-isolation ◄┐
 *                              ▲                                                              │
 *                              └──────────── repeatable-read ◄───────────────────── serializable
 *
 * and each of consistent-view, snapshot-isolation and serializable again with the clients' own
 * order (strong-session-…) and with real time (strong-…; strict-serializable).
 *
 * Sources: Adya 1999 (PL-1, PL-2, PL-2+, PL-2.99, PL-3, PL-SI), Elle (VLDB 2020).
 */
import type { Anomaly } from './anomaly.ts';

const UNCOMMITTED: readonly Anomaly[] = ['G0', 'duplicate-elements', 'garbage-read'];
const COMMITTED: readonly Anomaly[] = ['G1a', 'G1b', 'G1c', 'dirty-update', 'incompatible-order'];

export const LEVELS = [
  'read-uncommitted',
  'read-committed',
  'read-atomic',
  'consistent-view',
  'snapshot-isolation',
  'repeatable-read',
  'serializable',
  'strong-session-consistent-view',
  'strong-session-snapshot-isolation',
  'strong-session-serializable',
  'strong-snapshot-isolation',
  'strict-serializable',
] as const;

export type Level = (typeof LEVELS)[number];

interface Definition {
  readonly proscribes: readonly Anomaly[];
  /** The weaker levels it implies directly. */
  readonly implies: readonly Level[];
  /** Whether a clean result proves it only when the order of all versions is known. */
  readonly needsVersionOrder: boolean;
}

const DEFINITIONS: Readonly<Record<Level, Definition>> = {
  'read-uncommitted': { proscribes: UNCOMMITTED, implies: [], needsVersionOrder: true },
  'read-committed': {
    proscribes: COMMITTED,
    implies: ['read-uncommitted'],
    needsVersionOrder: true,
  },
  'read-atomic': { proscribes: ['internal'], implies: ['read-committed'], needsVersionOrder: true },
  'consistent-view': {
    proscribes: ['G-single'],
    implies: ['read-atomic'],
    needsVersionOrder: true,
  },
  'snapshot-isolation': {
    proscribes: ['G-nonadjacent'],
    implies: ['consistent-view'],
    needsVersionOrder: true,
  },
  'repeatable-read': {
    proscribes: ['internal', 'G-single', 'G-nonadjacent', 'G2-item'],
    implies: ['read-committed'],
    needsVersionOrder: false,
  },
  serializable: {
    proscribes: ['G2-item'],
    implies: ['snapshot-isolation', 'repeatable-read'],
    needsVersionOrder: false,
  },
  'strong-session-consistent-view': {
    proscribes: ['G0-process', 'G1c-process', 'G-single-process'],
    implies: ['consistent-view'],
    needsVersionOrder: true,
  },
  'strong-session-snapshot-isolation': {
    proscribes: ['G-nonadjacent-process'],
    implies: ['snapshot-isolation', 'strong-session-consistent-view'],
    needsVersionOrder: true,
  },
  'strong-session-serializable': {
    proscribes: ['G2-item-process'],
    implies: ['serializable', 'strong-session-snapshot-isolation'],
    needsVersionOrder: false,
  },
  'strong-snapshot-isolation': {
    proscribes: ['G0-realtime', 'G1c-realtime', 'G-single-realtime', 'G-nonadjacent-realtime'],
    implies: ['strong-session-snapshot-isolation'],
    needsVersionOrder: true,
  },
  'strict-serializable': {
    proscribes: ['G2-item-realtime'],
    implies: ['strong-session-serializable', 'strong-snapshot-isolation'],
    needsVersionOrder: false,
  },
};

export type LevelStatus = 'holds' | 'violated' | 'unknown';

export interface LevelReport {
  readonly status: ReadonlyMap<Level, LevelStatus>;
  /** The violated levels that imply no other violated one. */
  readonly minimalViolated: readonly Level[];
  /** The holding levels that no other holding one implies. */
  readonly maximalHolding: readonly Level[];
}

/** `complete`: the searches ended; `ordersKnown`: so is the order of all versions. */
export function judgeLevels(
  found: ReadonlySet<Anomaly>,
  complete: boolean,
  ordersKnown: boolean,
): LevelReport {
  const status = new Map<Level, LevelStatus>();
  for (const level of LEVELS) {
    const { proscribes, implies, needsVersionOrder } = DEFINITIONS[level];
    const broken = proscribes.some((anomaly) => found.has(anomaly));
    if (broken || implies.some((weaker) => status.get(weaker) === 'violated')) {
      status.set(level, 'violated');
    } else {
      status.set(level, complete && (ordersKnown || !needsVersionOrder) ? 'holds' : 'unknown');
    }
  }
  // A level that holds proves every weaker one.
  for (const level of [...LEVELS].reverse()) {
    if (status.get(level) !== 'holds') continue;
    for (const weaker of DEFINITIONS[level].implies) status.set(weaker, 'holds');
  }
  const where = (wanted: LevelStatus) => LEVELS.filter((level) => status.get(level) === wanted);
  const impliedBy = (level: Level) =>
    LEVELS.filter((stronger) => DEFINITIONS[stronger].implies.includes(level));
  return {
    status,
    minimalViolated: where('violated').filter((level) =>
      DEFINITIONS[level].implies.every((weaker) => status.get(weaker) !== 'violated'),
    ),
    maximalHolding: where('holds').filter((level) =>
      impliedBy(level).every((stronger) => status.get(stronger) !== 'holds'),
    ),
  };
}
