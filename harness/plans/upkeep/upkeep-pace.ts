/**
 * Tests writers that outrun a slow background: a store must slow all their writes down a little instead of
 * having one of them wait for a whole flush.
 */
import type { Settings } from '../../contract/target.ts';
import { Prng } from '../../random/prng.ts';
import { Scheduler } from '../../simulation/sim/scheduler.ts';
import type { SimulatedTarget } from '../../simulation/sim/simulated-target.ts';
import { scheduledWorld } from '../../simulation/sim/world.ts';
import { DIRECTORY } from '../simulation.ts';

const SEGMENT_BYTES = 64 * 1024;
const SEGMENTS_IN_MEMORY = 4;
/** A flush takes several such steps, all about as long. */
const STEP_MS = [150, 170] as const;
const VALUE_BYTES = 1000;
/** The store learns the duration of a flush from the first ones. */
const LEARNED_SEGMENTS = 6;
const MEASURED_SEGMENTS = 10;
/** The share of the mean time between flushes that one write may wait. */
const WAIT_SHARE_MAX = 1 / 2;

/** Returns a description of the problem, or undefined. */
export async function paceProblem(
  target: SimulatedTarget,
  settings: Settings,
  seed: number,
): Promise<string | undefined> {
  const random = new Prng(seed).derive('pace');
  const scheduler = new Scheduler(random.derive('scheduler'));
  const { env } = scheduledWorld(target, { scheduler, random, stepMs: STEP_MS });
  const { memoryBytes: _, ...others } = settings; // too little for these segments
  const load = async (): Promise<string | undefined> => {
    const store = await target.openDirect(env, DIRECTORY, {
      ...others,
      segmentBytes: SEGMENT_BYTES,
      maxUnflushedBytes: SEGMENTS_IN_MEMORY * SEGMENT_BYTES,
      durability: 'none',
    });
    let written = 0;
    let longestMs = 0;
    const fill = async (segments: number) => {
      const end = written + (segments * SEGMENT_BYTES) / VALUE_BYTES;
      for (; written < end; written++) {
        const began = scheduler.nowMs;
        await store.write([[`key ${written}`, `${written}`.padEnd(VALUE_BYTES, '.')]]);
        longestMs = Math.max(longestMs, scheduler.nowMs - began);
      }
    };
    await fill(LEARNED_SEGMENTS);
    const began = scheduler.nowMs;
    longestMs = 0;
    await fill(MEASURED_SEGMENTS);
    const flushMs = (scheduler.nowMs - began) / MEASURED_SEGMENTS;
    await store.close();
    if (longestMs <= WAIT_SHARE_MAX * flushMs) return undefined;
    return `one write waited ${Math.round(longestMs)} ms where a flush takes ${Math.round(flushMs)}`;
  };
  try {
    return await scheduler.runUntil(load());
  } catch (error) {
    return `with a slow background: ${(error as Error)?.message ?? error}`;
  }
}
