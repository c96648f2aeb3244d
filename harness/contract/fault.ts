/**
 * Fault: what is done to a target. Three kinds:
 *
 * - a *process* fault acts on a running process (kill it, stop it);
 * - a *crash* fault says what a simulated crash leaves of the disk, and what happens after it;
 * - a *network* fault acts on the links and nodes of a cluster, and is healed.
 */
import type { Prng } from '../random/prng.ts';

export interface Victim {
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface ProcessFault {
  readonly kind: 'process';
  readonly name: string;
  readonly doc: string;
  inject(victim: Victim): Promise<void>;
}

/**
 * What is left of the disk. `kill`: everything, as undurable as it was. Otherwise power was cut,
 * and of what was not durable there remains nothing, everything, or any subset of sectors and
 * directory entries (`torn`); or such a subset, and garbage where a file has grown and its data has
 * not come (`garbage`).
 */
export type CrashMode = 'kill' | 'none-kept' | 'all-kept' | 'torn' | 'garbage';

export interface CrashFault {
  readonly kind: 'crash';
  readonly name: string;
  readonly doc: string;
  readonly mode: CrashMode;
  /** Let a sync of the first recovery fail, and kill the process that met it. */
  readonly failRecoverySync: boolean;
  /** Cut the power once more after recovery and reading: what was read must stay. */
  readonly thenCutPower: boolean;
}

/** Which connections: of nodes among themselves, or of clients. */
export type LinkKind = 'peers' | 'clients';

/** A toxic of Toxiproxy, with its stream left to the fault. */
export interface LinkToxic {
  readonly type: 'latency' | 'bandwidth' | 'slow_close' | 'reset_peer' | 'slicer' | 'limit_data';
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: Readonly<Record<string, number>>;
  /** Share of connections, 0 to 1. */
  readonly toxicity?: number;
}

/** What a network fault can do. Everything it did is undone by `heal` of the field's owner. */
export interface FaultContext {
  readonly nodes: number;
  readonly random: Prng;
  /** The node that takes writes, if it can be told. */
  primary(): Promise<number | undefined>;
  /** No message gets from one node to another, on the connections of either. */
  cut(from: number, to: number): Promise<void>;
  /** Of the packets of other nodes to this one, a share (0 to 1) is dropped on the way. */
  losePackets(node: number, share: number): Promise<void>;
  /** Puts a toxic on every link of that kind that touches the node. */
  toxic(kind: LinkKind, node: number, toxic: LinkToxic): Promise<void>;
  /** Connections of clients to the node are accepted and never answered. */
  halfOpen(node: number): Promise<void>;
  /** RST on every live connection of that kind that touches the node. */
  reset(kind: LinkKind, node: number): Promise<void>;
  /** Undoes cuts, toxics and half-open links; nodes stay as they are. */
  healLinks(): Promise<void>;
  kill(node: number): Promise<void>;
  pause(node: number): Promise<void>;
  /** Resumes what was paused, restarts what was killed. */
  revive(node: number): Promise<void>;
  /** Kills a node for good: it would first have to be made a standby. */
  fence(node: number): Promise<void>;
  promote(node: number): Promise<void>;
  /** Moves the node's wall clock by so much. Throws when the node did not see it. */
  bumpClock(node: number, byMs: number): Promise<void>;
  /** Operations acknowledged so far, of clients of one node or of all. */
  acknowledged(node?: number): number;
  /** Milliseconds a lock outlives its holder; 0 where there are no locks. */
  readonly leaseMs: number;
  /** Waits for a condition, or for `patienceMs`; answers whether it came true. */
  until(condition: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean>;
  /** The length of time that the schedule gives each fault. */
  readonly lastsMs: number;
}

export interface NetworkFault {
  readonly kind: 'network';
  readonly name: string;
  readonly doc: string;
  /** What it acts on: a cluster of fewer nodes, or a site that can't, is `unsupported`. */
  readonly needs: readonly (
    | 'peers'
    | 'packets'
    | 'toxics'
    | 'embedded'
    | 'clock'
    | 'promote'
    | 'processes'
  )[];
  /** It makes no sense with fewer nodes. */
  readonly nodesMin?: number;
  /** Does it; resolves at once, or, when directed, after what had to happen has happened. */
  inject(field: FaultContext): Promise<void>;
  /** Undoes it. Default: heals all links and revives all nodes. */
  heal?(field: FaultContext): Promise<void>;
}

export type Fault = ProcessFault | CrashFault | NetworkFault;

export function defineFault<F extends Fault>(fault: F): F {
  return fault;
}
