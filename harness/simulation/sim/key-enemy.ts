/** EnemyStore: a simulated store whose keys are chosen by an enemy; it says what its lookups cost. */
import type { Disk } from '../../../engine/env/disk.ts';
import type { Env } from '../../../engine/env/env.ts';
import type { Settings } from '../../contract/target.ts';

export type EnemyChange = readonly [key: Uint8Array, value: Uint8Array | null];

export interface LookupCosts {
  /** Length of the longest unsuccessful probe, in slots. */
  readonly longestProbe: number;
  /** Other keys that lookups compared theirs with, in all. */
  readonly failedProbes: number;
  /** What is held in memory to find keys. */
  readonly indexBytes: number;
  readonly memoryBytes: number;
}

export interface EnemyStore {
  /** One atomic commit, acknowledged when it resolves. `null` deletes. */
  write(changes: readonly EnemyChange[]): Promise<void>;
  get(key: Uint8Array): Uint8Array | undefined;
  getMany(keys: readonly Uint8Array[]): readonly (Uint8Array | undefined)[];
  /** In order. */
  keys(): Iterable<Uint8Array>;
  checkpoint(): Promise<void>;
  compact(): Promise<void>;
  close(): Promise<void>;
  costs(): LookupCosts;
}

/** Distinct keys of one kind. */
export type KeySource = (count: number) => readonly Uint8Array[];

export interface KeyEnemy {
  openBytes(env: Env, directory: string, settings: Settings): Promise<EnemyStore>;
  /** Adversarial keys for the store in `directory`, chosen with knowledge of all but its secrets. */
  enemyKeys(disk: Disk, directory: string): Readonly<Record<string, KeySource>>;
}
