/**
 * Fault: an injected failure of a target. Three kinds:
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
 * What a crash leaves of the disk. `kill`: everything, durable or not. Otherwise power was cut,
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
  /** Fails a sync of the first recovery, and kills the process that met the error. */
  readonly failRecoverySync: boolean;
  /** Cuts the power again after recovery and reading: what was read must stay. */
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

/** The actions of a network fault. The runner undoes all of them when the fault is healed. */
export interface FaultContext {
  readonly nodes: number;
  readonly random: Prng;
  /** The node that accepts writes, if known. */
  primary(): Promise<number | undefined>;
  /** Drops all messages from one node to another, on connections of either. */
  cut(from: number, to: number): Promise<void>;
  /** Drops a share (0 to 1) of the packets from other nodes to this one. */
  losePackets(node: number, share: number): Promise<void>;
  /** Adds a toxic to every link of that kind at the node. */
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
  /** Kills a node for the rest of the run: it could return only as a standby. */
  fence(node: number): Promise<void>;
  promote(node: number): Promise<void>;
  /** Moves the node's wall clock by `byMs`. Throws if the node does not see the change. */
  bumpClock(node: number, byMs: number): Promise<void>;
  /** Operations acknowledged so far, of clients of one node or of all. */
  acknowledged(node?: number): number;
  /** Milliseconds that a lock outlives its holder; 0 without locks. */
  readonly leaseMs: number;
  /** Waits for a condition, at most `patienceMs`; returns whether it became true. */
  until(condition: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean>;
  /** Scheduled duration of each fault, milliseconds. */
  readonly lastsMs: number;
}

export interface NetworkFault {
  readonly kind: 'network';
  readonly name: string;
  readonly doc: string;
  /** The abilities it needs. A site without them is `unsupported`. */
  readonly needs: readonly (
    | 'peers'
    | 'packets'
    | 'toxics'
    | 'embedded'
    | 'clock'
    | 'promote'
    | 'processes'
  )[];
  /** Smallest number of nodes; a smaller cluster is `unsupported`. */
  readonly nodesMin?: number;
  /** Injects the fault. Resolves at once, or, for a directed fault, when its condition was reached. */
  inject(field: FaultContext): Promise<void>;
  /** Heals the fault. Default: heals all links and revives all nodes. */
  heal?(field: FaultContext): Promise<void>;
}

export type Fault = ProcessFault | CrashFault | NetworkFault;

export function defineFault<F extends Fault>(fault: F): F {
  return fault;
}
