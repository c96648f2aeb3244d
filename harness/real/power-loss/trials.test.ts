import { describe, expect, it } from 'vitest';
import { POWER_LOSS_TRIALS } from './trials.ts';

describe('trials of the file system that loses power', () => {
  it.each(Object.entries(POWER_LOSS_TRIALS))('find nothing wrong with %s', (_, trial) => {
    expect(trial()).toBeUndefined();
  });
});
