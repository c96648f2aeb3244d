/** Steps: the possible next operations of a model-based run, drawn by weight. */
import type { Prng } from '../../random/prng.ts';
import type { Incarnations } from './incarnations.ts';

export interface Step {
  /** How often it is drawn, compared to the others. */
  readonly weight: number;
  readonly act: () => unknown;
}

/** A store beside its model. */
export interface Beside {
  readonly lives: Incarnations;
  readonly random: Prng;
  readonly steps: Readonly<Record<string, Step>>;
  /** Opens the store in the first world. */
  readonly open: () => Promise<void>;
  readonly reopen: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** Called once in a while: compares everything. */
  readonly compareAll: () => unknown;
}

const WHOLE_EVERY = 40;
const PAUSES = 0.3;
const PAUSE_MS = 4;
/** A step takes at most about 50 events; one that takes 5,000 never ends. */
const STEP_EVENTS_MAX = 5000;

/** Draws and runs `operations` steps, one after the other; answers the first problem. Never throws. */
export async function firstProblem(run: Beside, operations: number): Promise<string | undefined> {
  const { scheduler } = run.lives;
  let step = 'the start';
  const perform = async () => {
    scheduler.endAfter(STEP_EVENTS_MAX);
    await run.open();
    await walk(run, operations, (name) => {
      step = name;
    });
    step = 'the end';
    scheduler.endAfter(STEP_EVENTS_MAX);
    await run.reopen();
    await run.close();
    run.lives.refuseOpenFiles();
  };
  try {
    await scheduler.runUntil(perform());
    return undefined;
  } catch (error) {
    return `${step}: ${(error as Error)?.message ?? String(error)}`;
  }
}

async function walk(
  run: Beside,
  operations: number,
  before: (step: string) => void,
): Promise<void> {
  const random = run.random.derive('steps');
  const steps = Object.entries(run.steps);
  const total = steps.reduce((sum, [, { weight }]) => sum + weight, 0);
  for (let i = 1; i <= operations; i++) {
    let drawn = random.fraction() * total;
    const chosen = steps.find(([, { weight }]) => {
      drawn -= weight;
      return drawn < 0;
    });
    const [name, { act }] = chosen ?? steps[0]!;
    before(`operation ${i}, ${name}`);
    run.lives.scheduler.endAfter(STEP_EVENTS_MAX);
    await act();
    run.lives.refuseBreach();
    if (i % WHOLE_EVERY === 0) await run.compareAll();
    if (random.chance(PAUSES)) await run.lives.scheduler.sleep(random.fraction() * PAUSE_MS);
  }
}
