/**
 * Milestones: what a storm has to have met at least once to have been one ("sometimes" assertions). A
 * milestone that no run reached says that the storm is too weak, not that the store is right.
 */
export const MILESTONES = {
  'operation acknowledged': 'an operation succeeded',
  'outcome unknown': 'an operation ended without anybody knowing whether it happened',
  'transaction refused': 'a transaction met a conflict and did nothing',
  'store refused writes': 'a store met a failure and refused further writes',
  'recovered with less': 'a store held less after a crash than before it',
  'recovered all': 'a store held everything after a crash',
  'crashed while recovering': 'a recovery was crashed, and the next went through',
  'recovery refused': 'a recovery met a failing disk, and a later one went through',
} as const;

export type Milestone = keyof typeof MILESTONES;
