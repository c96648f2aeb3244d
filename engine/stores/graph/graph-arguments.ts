/**
 * What callers hand to a graph, checked and taken out of their hands before anything waits: ids and
 * labels are text that UTF-8 keeps exactly, properties are encoded at once, objects are read once.
 * Throws StoreError `invalid-argument` or `invalid-options`, all definite.
 */
import {
  described,
  flag,
  invalidArgument,
  knownOptions,
  readOut,
  refuseNonText,
  wholeNumber,
} from '../../arguments.ts';
import { utf8 } from '../../format/bytes.ts';
import type { EdgeId } from './graph-keys.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface NeighbourOptions {
  readonly label?: string;
  /** Edges at most; default 1,000. */
  readonly limit?: number;
  /** The last edge of the page before. */
  readonly after?: EdgeId;
}

export interface RemoveOptions {
  /** Remove its edges too. Default false: then a vertex with edges is refused. */
  readonly cascade?: boolean;
}

export function vertexId(vertex: string): string {
  refuseNonText(vertex, 'vertex');
  return vertex;
}

export function edgeId(edge: EdgeId): EdgeId {
  if (typeof edge !== 'object' || edge === null) {
    throw invalidArgument(`edge is ${described(edge)}, not {source, label, target}`);
  }
  const { source, label, target } = readOut('edge', invalidArgument, () => {
    const { source, label, target } = edge;
    return { source, label, target };
  });
  refuseNonText(source, 'source');
  refuseNonText(label, 'label');
  refuseNonText(target, 'target');
  return { source, label, target };
}

export function neighbourOptions(options: NeighbourOptions): NeighbourOptions {
  const known = { label: true, limit: true, after: true } as const;
  const { label, limit, after } = knownOptions(options, known, 'options of neighbours');
  if (label !== undefined) refuseNonText(label, 'label');
  return {
    ...(label !== undefined && { label }),
    ...(limit !== undefined && {
      limit: wholeNumber('limit', limit, 0, Number.MAX_SAFE_INTEGER),
    }),
    ...(after !== undefined && { after: edgeId(after) }),
  };
}

export function removesEdges(options: RemoveOptions): boolean {
  const known = { cascade: true } as const;
  const { cascade = false } = knownOptions(options, known, 'options of removeVertex');
  return flag('cascade', cascade);
}

/** As JSON. What JSON would leave out or turn into something else is refused. */
export function encodeProperties(properties: Properties): Uint8Array {
  const text = readOut('properties', invalidArgument, () => {
    if (!isPlain(properties)) {
      throw invalidArgument(`properties are ${described(properties)}, not a plain object`);
    }
    return JSON.stringify(properties, (name, value: unknown) => {
      if (isKept(value)) return value;
      throw invalidArgument(`property ${JSON.stringify(name)} is ${described(value)}, not JSON`);
    });
  });
  return utf8.encode(text);
}

export function decodeProperties(bytes: Uint8Array | undefined): Properties | undefined {
  return bytes === undefined ? undefined : (JSON.parse(utf8.decode(bytes)) as Properties);
}

function isKept(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value === null || Array.isArray(value) || isPlain(value);
    default:
      return false;
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
