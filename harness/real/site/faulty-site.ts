/** The runner's view of a site: what it provides to a database, and the faults it can inject. */
import type { Site } from '../../contract/cluster.ts';
import type { ProxiedLink } from './proxy-server.ts';

export interface NodeLinks {
  readonly clients: readonly ProxiedLink[];
  readonly peers: readonly ProxiedLink[];
}

/** The faults that a site supports. Others are refused, never weakened. */
export interface SiteAbilities {
  /** The proxies do more than the standard toxics. */
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
  /** Of the keys that runs keep to; empty where the servers are the run's own. */
  readonly keyPrefix: string;
  /** The links that touch a node. */
  links(node: number): NodeLinks;
  /** No message gets from one node to another. */
  cut(from: number, to: number): Promise<void>;
  /** Of the packets of other nodes to this one, a share is dropped. */
  losePackets(node: number, share: number): Promise<void>;
  /** Undoes what was done to links. */
  heal(): Promise<void>;
  kill(node: number): Promise<void>;
  pause(node: number): Promise<void>;
  revive(node: number): Promise<void>;
  /** Servers that ended without having been stopped, with the end of their logs. */
  crashed(): readonly string[];
  bumpClock(node: number, byMs: number): Promise<void>;
  readonly abilities: SiteAbilities;
  close(): Promise<void>;
}
