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

/**
 * As JSON. What JSON would turn into something else is refused: dates and other objects with a class or
 * a toJSON, NaN, holes of arrays, symbols. A property that is undefined is left out, -0 becomes 0.
 */
export function encodeProperties(properties: Properties): Uint8Array {
  const text = readOut('properties', invalidArgument, () => {
    if (!isPlain(properties)) {
      throw invalidArgument(`properties are ${described(properties)}, not a plain object`);
    }
    return JSON.stringify(plainCopy(properties, '', 0));
  });
  return utf8.encode(text);
}

export function decodeProperties(bytes: Uint8Array | undefined): Properties | undefined {
  return bytes === undefined ? undefined : (JSON.parse(utf8.decode(bytes)) as Properties);
}

/** Deeper nesting is refused; what contains itself is found so, too. */
const DEPTH_MAX = 200;

/** Reads every property once, and calls nothing but getters. */
function plainCopy(object: object, path: string, depth: number): object {
  if (depth > DEPTH_MAX) throw invalidArgument(`properties are nested more than ${DEPTH_MAX} deep`);
  if (Object.getOwnPropertySymbols(object).length > 0) {
    throw invalidArgument(`properties${path} have a symbol for a name, not JSON`);
  }
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const copied = entries.map(([name, value]) => {
    const at = `${path}[${JSON.stringify(name)}]`;
    return [name, kept(value, at, depth)] as const;
  });
  return Object.fromEntries(copied);
}

function kept(value: unknown, path: string, depth: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value) && depth < DEPTH_MAX) {
    return Array.from(value, (item, i) => kept(item, `${path}[${i}]`, depth + 1));
  }
  if (isPlain(value)) return plainCopy(value, path, depth + 1);
  throw invalidArgument(`properties${path} is ${described(value)}, not JSON`);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
