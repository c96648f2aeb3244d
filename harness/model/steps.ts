/** Steps: what a run beside a model may do next, drawn again and again. */
import type { Prng } from '../random/prng.ts';
import type { Scheduler } from '../sim/scheduler.ts';

export interface Step {
  /** How often it is drawn, compared to the others. */
  readonly weight: number;
  readonly act: () => unknown;
}

export interface Walk {
  readonly steps: Readonly<Record<string, Step>>;
  readonly operations: number;
  readonly random: Prng;
  readonly scheduler: Scheduler;
  /** Called before each, with what it is. */
  readonly before: (name: string) => void;
  /** Called once in a while: to compare everything. */
  readonly compareAll: () => unknown;
}

const WHOLE_EVERY = 40;
const PAUSES = 0.3;
const PAUSE_MS = 4;

/** Draws and does so many of them, one after the other; rejects with what the first to fail throws. */
export async function walk(parts: Walk): Promise<void> {
  const { random, scheduler } = parts;
  const steps = Object.entries(parts.steps);
  const total = steps.reduce((sum, [, { weight }]) => sum + weight, 0);
  for (let i = 1; i <= parts.operations; i++) {
    let drawn = random.fraction() * total;
    const chosen = steps.find(([, { weight }]) => {
      drawn -= weight;
      return drawn < 0;
    });
    const [name, { act }] = chosen ?? steps[0]!;
    parts.before(`operation ${i}, ${name}`);
    await act();
    if (i % WHOLE_EVERY === 0) await parts.compareAll();
    if (random.chance(PAUSES)) await scheduler.sleep(random.fraction() * PAUSE_MS);
  }
}
