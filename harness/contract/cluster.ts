/**
 * Cluster target: a database of one or more server processes that clients reach over the network.
 *
 * The harness gives it a *site*: private directories, ports, host names of which each pair of nodes
 * has its own, so that every link can be cut by itself, and processes that are cleaned up whatever
 * happens. A new database is one file: `defineCluster({ kind: 'cluster', name, …, start })`.
 */
import type { ApiSurface } from './api.ts';
import type { ContainerImage } from './container-image.ts';
import type { Capabilities, Session, Settings } from './target.ts';

/** One server process of a node, at any kind of site. */
export interface ServerSpec {
  /** Names its log; unique in the node. */
  readonly name: string;
  /** A program by name, found on PATH and where Debian hides servers. */
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** In a container: what to hand to the image's own entry point, instead of program and args. */
  readonly entryArgs?: readonly string[];
  /** Run it as this user when the harness is root, because the server refuses root. */
  readonly user?: string;
  /** Resolves once the server accepts requests; throws before that. */
  ready(): Promise<unknown>;
}

/** Credentials for a server that others operate. */
export interface Login {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

export interface Site {
  readonly nodes: number;
  /** Where servers listen: an address of this machine, or all of a container's. */
  readonly bindAddress: string;
  /** The node's own directory, as its servers see it. */
  directory(node: number): string;
  /** Writes a file into the node's directory; answers its path as its servers see it. */
  writeFile(node: number, name: string, text: string): string;
  /** Credentials for the node's server; empty if the target creates its own users. */
  login(node: number): Login;
  /** A port of the node; the same one for the same purpose. */
  port(node: number, purpose: string): number;
  /** A name that other nodes reach `node` by, each over a link of its own. */
  host(node: number): string;
  /** Where the harness itself reaches the port, past every link and fault. `host:port`. */
  control(node: number, purpose: string): string;
  /** Where a client reaches the port, over the client's own link. `host:port`. */
  clientAddress(client: number, node: number, purpose: string): Promise<string>;
  /**
   * Makes `from` reach the port `purpose` of `to` under `host(to)`. Call it once for each pair and
   * purpose, before the servers start.
   */
  link(from: number, to: number, purpose: string): Promise<void>;
  /** Starts a server; resolves when it is ready. It is stopped, killed and restarted from outside. */
  start(node: number, spec: ServerSpec): Promise<void>;
  /** Runs a program to its end, for example one that makes the initial files. Throws when it fails. */
  run(node: number, spec: Omit<ServerSpec, 'ready'>): Promise<string>;
}

export interface Cluster {
  /** Connects client number `client` to `node` over its own link. */
  connect(client: number, node: number): Promise<Session>;
  /** The node that accepts writes, if known. */
  primary?(): Promise<number | undefined>;
  /** Makes another node the primary, for databases that do not do so themselves. */
  promote?(node: number): Promise<void>;
  /** A node's own wall clock, milliseconds since 1970. */
  clock?(node: number): Promise<number>;
  /** Milliseconds a lock of `Session.locks` outlives its holder. */
  readonly leaseMs?: number;
  /** Closes the harness's own connections. The site ends the processes. */
  close(): Promise<void>;
}

export interface ClusterTarget {
  readonly kind: 'cluster';
  readonly name: string;
  readonly doc: string;
  readonly capabilities: Capabilities;
  /** Its own interface; a matrix may require that checkers judge every part of it. */
  api?(): Promise<ApiSurface>;
  /** Number of nodes. */
  readonly nodes: number;
  /** Purposes that each node has a port for. */
  readonly ports: readonly string[];
  /** Names of what the machine must have (`assay doctor` lists them). */
  readonly needs: readonly string[];
  /** npm packages that its sessions use, each an optional peer dependency. */
  readonly drivers?: readonly string[];
  /** The port that URLs name, with the setting `via=url`; none: it can't be had that way. */
  readonly urlPort?: string;
  /** What its servers run in with the setting `via=container`; none: they don't. */
  readonly image?: ContainerImage;
  /** Throws an Error that says what is wrong with the settings of a cell. */
  checkSettings?(settings: Settings): void;
  /** Starts a fresh cluster; resolves when all nodes take requests. */
  start(site: Site, settings: Settings): Promise<Cluster>;
}

export function defineCluster(target: ClusterTarget): ClusterTarget {
  return target;
}
