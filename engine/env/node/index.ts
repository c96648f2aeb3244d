/** The real environment, for `open`. */
import type { Env } from '../env.ts';
import { nodeBackground } from './background.ts';
import { nodeClock } from './clock.ts';
import { nodeDisk } from './disk.ts';
import { nodeMemory } from './memory.ts';
import { nodeRandom } from './random.ts';

export function nodeEnv(): Env {
  return {
    disk: nodeDisk(),
    clock: nodeClock,
    random: nodeRandom,
    background: nodeBackground(),
    memory: nodeMemory(),
  };
}
