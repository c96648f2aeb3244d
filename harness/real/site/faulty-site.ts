/** A site as the runner sees it: what a database is given, and what can be done to it. */
import type { Site } from '../../contract/cluster.ts';
import type { ProxiedLink } from './proxy-server.ts';

export interface NodeLinks {
  readonly clients: readonly ProxiedLink[];
  readonly peers: readonly ProxiedLink[];
}

export interface FaultySite extends Site {
  /** The links that touch a node. */
  links(node: number): NodeLinks;
  /** No message gets from one node to another. */
  cut(from: number, to: number): Promise<void>;
  /** Undoes what was done to links. */
  heal(): Promise<void>;
  kill(node: number): Promise<void>;
  pause(node: number): Promise<void>;
  revive(node: number): Promise<void>;
  bumpClock(node: number, byMs: number): Promise<void>;
  readonly isEmbeddedProxy: boolean;
  readonly hasPeerLinks: boolean;
  close(): Promise<void>;
}
