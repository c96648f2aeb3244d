/** How far the explorer goes at each crash point, unless it is told otherwise. */
export const EXPLORE_LIMITS = {
  exhaustiveMax: 6,
  sampled: 16,
  nestedEvery: 10,
} as const;
