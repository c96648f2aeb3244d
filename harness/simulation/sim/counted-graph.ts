/** A graph store that counts what its operations ask of the store below, for plans about their cost. */
import type { Env } from '../../../engine/env/env.ts';
import type { Settings } from '../../contract/target.ts';

export interface HubEdge {
  readonly source: string;
  readonly label: string;
  readonly target: string;
}

/** Sums since the graph was opened. */
export interface GraphWork {
  /** Point reads. */
  readonly reads: number;
  /** Records that ranges showed, and one for each range. */
  readonly shown: number;
  readonly writes: number;
  /** The most writes of one transaction. */
  readonly largestTransaction: number;
}

export interface CountedGraph {
  work(): GraphWork;
  /** All in one transaction. */
  addVertices(vertices: readonly string[]): Promise<void>;
  addEdges(edges: readonly HubEdge[]): Promise<void>;
  addEdge(edge: HubEdge): Promise<void>;
  removeEdge(edge: HubEdge): Promise<void>;
  setEdge(edge: HubEdge, properties: Readonly<Record<string, string>>): Promise<void>;
  edge(edge: HubEdge): Promise<unknown>;
  degrees(vertex: string): Promise<{ readonly out: number; readonly in: number } | undefined>;
  neighbours(
    vertex: string,
    direction: 'out' | 'in',
    options: { readonly limit: number },
  ): Promise<readonly HubEdge[]>;
  removeVertex(vertex: string, options: { readonly cascade: true }): Promise<void>;
  close(): Promise<void>;
}

export type OpenCountedGraph = (
  env: Env,
  directory: string,
  settings: Settings,
) => Promise<CountedGraph>;
