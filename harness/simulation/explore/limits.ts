/** Default limits of the explorer at each crash point. */
export const EXPLORE_LIMITS = {
  exhaustiveMax: 6,
  sampled: 16,
  nestedEvery: 10,
} as const;
