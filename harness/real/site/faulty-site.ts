/** The runner's view of a site: what it provides to a database, and the faults it can inject. */
import type { Site } from '../../contract/cluster.ts';
import type { ProxiedLink } from './proxy-server.ts';

export interface NodeLinks {
  readonly clients: readonly ProxiedLink[];
  readonly peers: readonly ProxiedLink[];
}

/** The faults that a site supports. Others are refused, never weakened. */
export interface SiteAbilities {
  /** The proxies support more than the standard toxics. */
  readonly embeddedProxy: boolean;
  /** Servers can be killed and stopped. */
  readonly processes: boolean;
  /** Messages between nodes can be cut off. */
  readonly peerCuts: boolean;
  /** Single packets between nodes can be dropped. */
  readonly packets: boolean;
  /** Links between nodes, if any, can be slowed down. */
  readonly peerToxics: boolean;
  /** Clocks can be moved. */
  readonly clocks: boolean;
}

export interface FaultySite extends Site {
  /** Key prefix of this run; empty where the servers belong to the run. */
  readonly keyPrefix: string;
  /** The links that touch a node. */
  links(node: number): NodeLinks;
  /** Cuts messages from one node to another. */
  cut(from: number, to: number): Promise<void>;
  /** Drops a share of the packets that other nodes send to this one. */
  losePackets(node: number, share: number): Promise<void>;
  /** Heals all links. */
  heal(): Promise<void>;
  kill(node: number): Promise<void>;
  pause(node: number): Promise<void>;
  revive(node: number): Promise<void>;
  /** Servers that exited unexpectedly, with the end of their logs. */
  crashed(): readonly string[];
  bumpClock(node: number, byMs: number): Promise<void>;
  readonly abilities: SiteAbilities;
  close(): Promise<void>;
}
