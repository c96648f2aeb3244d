/** GraphMap: the in-memory reference model of a graph store. */
import type {
  GraphDump,
  GraphEdge,
  GraphProperties,
  NeighbourQuery,
} from '../../contract/target.ts';

interface Edge {
  readonly edge: GraphEdge;
  readonly properties: GraphProperties;
}

const nameOf = ({ source, label, target }: GraphEdge) => JSON.stringify([source, label, target]);

export class GraphMap {
  readonly #vertices = new Map<string, GraphProperties>();
  readonly #edges = new Map<string, Edge>();

  /** As it is now: later changes of either do not show in the other. */
  copy(): GraphMap {
    const copy = new GraphMap();
    for (const [vertex, properties] of this.#vertices) copy.setVertex(vertex, properties);
    for (const { edge, properties } of this.#edges.values()) copy.setEdge(edge, properties);
    return copy;
  }

  vertex(vertex: string): GraphProperties | undefined {
    return this.#vertices.get(vertex);
  }

  edge(edge: GraphEdge): GraphProperties | undefined {
    return this.#edges.get(nameOf(edge))?.properties;
  }

  setVertex(vertex: string, properties: GraphProperties): void {
    this.#vertices.set(vertex, properties);
  }

  setEdge(edge: GraphEdge, properties: GraphProperties): void {
    this.#edges.set(nameOf(edge), { edge, properties });
  }

  removeEdge(edge: GraphEdge): void {
    this.#edges.delete(nameOf(edge));
  }

  /** With all its edges. */
  removeVertex(vertex: string): void {
    this.#vertices.delete(vertex);
    for (const [name, { edge }] of this.#edges) {
      if (edge.source === vertex || edge.target === vertex) this.#edges.delete(name);
    }
  }

  degrees(vertex: string): { readonly out: number; readonly in: number } | undefined {
    if (!this.#vertices.has(vertex)) return undefined;
    const count = (end: 'source' | 'target') =>
      this.#all().filter((edge) => edge[end] === vertex).length;
    return { out: count('source'), in: count('target') };
  }

  neighbours(vertex: string, query: NeighbourQuery): readonly GraphEdge[] {
    const { direction, label, limit, after } = query;
    const [near, far] =
      direction === 'out' ? (['source', 'target'] as const) : (['target', 'source'] as const);
    const order = (a: GraphEdge, b: GraphEdge) =>
      compare(a.label, b.label) || compare(a[far], b[far]);
    return this.#all()
      .filter((edge) => edge[near] === vertex && (label === undefined || edge.label === label))
      .filter((edge) => after === undefined || order(edge, after) > 0)
      .sort(order)
      .slice(0, limit);
  }

  dump(): GraphDump {
    const by = (near: 'source' | 'target', far: 'source' | 'target') =>
      this.#all().sort(
        (a, b) => compare(a[near], b[near]) || compare(a.label, b.label) || compare(a[far], b[far]),
      );
    const vertices = [...this.#vertices.keys()].sort(compare);
    return {
      vertices,
      outgoing: by('source', 'target'),
      incoming: by('target', 'source'),
      degrees: vertices.map((vertex) => {
        const { out, in: incoming } = this.degrees(vertex)!;
        return [vertex, out, incoming] as const;
      }),
    };
  }

  #all(): GraphEdge[] {
    return Array.from(this.#edges.values(), ({ edge }) => edge);
  }
}

/** In the order of the letters, which is that of the bytes of what is drawn. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
