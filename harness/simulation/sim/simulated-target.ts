/**
 * SimulatedTarget: a store that takes its whole world as an argument, so that it can be crashed at
 * any step and run from a seed.
 */
import type { Disk } from '../../../engine/env/disk.ts';
import type { Env } from '../../../engine/env/env.ts';
import type { ApiSurface } from '../../contract/api.ts';
import type { Capabilities, Settings, Store } from '../../contract/target.ts';
import type { OpenedBytes } from './byte-store.ts';
import type { OpenCountedGraph } from './counted-graph.ts';
import type { Change, DirectStore } from './direct-store.ts';
import type { KeyEnemy } from './key-enemy.ts';
import type { ServiceSettings, SimulatedService } from './simulated-service.ts';
import type { Inhabitant } from './world.ts';

export interface Repaired {
  readonly problems: readonly string[];
  readonly givenUp: readonly string[];
}

export interface SimulatedTarget extends Inhabitant {
  readonly kind: 'simulated';
  readonly name: string;
  readonly doc: string;
  readonly capabilities: Capabilities;
  /** Its own interface, of which a matrix may want each part used and judged. */
  api?(): Promise<ApiSurface>;
  /** Settings of a run where the cell gives none: small, so that a state costs KiB, not MiB. */
  readonly defaults: Settings;
  /** Throws an Error that says what is wrong with the settings of a cell. */
  checkSettings(settings: Settings): void;
  /** `pause` comes between any two reads of a transaction, so that clients interleave. */
  open(
    env: Env,
    directory: string,
    settings: Settings,
    pause?: () => Promise<void>,
  ): Promise<Store>;
  /** The same store without sessions, clients and pauses. */
  openDirect(env: Env, directory: string, settings: Settings): Promise<DirectStore>;
  /** What one commit of these changes takes in the log; of none, what else may stand there. */
  logBytes?(changes: readonly Change[]): number;
  /** The store's server without its sockets, where it has one. */
  openService?(env: Env, directory: string, settings: ServiceSettings): Promise<SimulatedService>;
  /** The same store in bytes, as its own callers see it. */
  openBytes?(env: Env, directory: string, settings: Settings): Promise<OpenedBytes>;
  /** The files that the store needs. Of a log only what a mark vouches for promises anything. */
  liveFiles(
    disk: Disk,
    directory: string,
  ): readonly { readonly path: string; readonly kind: string }[];
  /** Whether a file of the store is a log, which is bounded by what is unflushed. */
  isLog(path: string): boolean;
  /** Whether a file holds nothing but room, for when the disk is full. */
  isReserve?(path: string): boolean;
  /** Files in the directory that are of the store's kind, and that it does not name. */
  strayFiles?(disk: Disk, directory: string): readonly string[];
  /** The problems that the store's own walk over its files finds. */
  verify(disk: Disk, directory: string): readonly string[];
  /**
   * Gives an edited file checksums that fit what it holds now, in place. `kind` is as `liveFiles` has
   * it, `original` what the file was.
   */
  seal?(kind: string, bytes: Uint8Array, original: Uint8Array): void;
  /** Its graph store, over a store that counts what is asked of it. */
  readonly openCountedGraph?: OpenCountedGraph;
  /** For plans that choose keys against it. */
  readonly enemy?: KeyEnemy;
  /** Makes a damaged store open again; answers what was wrong and what was given up. */
  repair?(env: Env, directory: string): Promise<Repaired>;
}
