/**
 * Env: the world an engine runs in. Everything outside the engine's own memory arrives here, so
 * that the same engine runs on a real machine and in a simulation.
 */
import type { Background } from './background.ts';
import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Memory } from './memory.ts';
import type { Random } from './random.ts';

export interface Env {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly background: Background;
  readonly memory: Memory;
}
