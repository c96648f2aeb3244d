/**
 * Milestones: events that must occur at least once over all storms ("sometimes" assertions), such as a recovery
 * during a merge. A milestone that no run reached shows that the storms are too weak; it says nothing about
 * the store.
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
