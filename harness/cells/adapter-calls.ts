/**
 * Announces the start and the end of each adapter call. The parent process can then name a call that
 * does not return, and its file and line in the plug-in. The start is announced before the call,
 * because a call that blocks the thread cannot be reported later.
 */
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../contract/cluster.ts';
import type { EmbeddedTarget } from '../contract/target.ts';

type Fn = (...args: readonly unknown[]) => unknown;
/** `call`: its name and place; `undefined` when no call is open. */
export type Announce = (call: string | undefined) => void;

/** The target or cluster, and what it returns, with every call announced. */
export function announcing<T extends EmbeddedTarget | Cluster>(one: T, announce: Announce): T {
  const places = new Map<Fn | string, string>();
  const placed = (name: string, fn: Fn) => {
    const known = places.get(name);
    if (known !== undefined) return known;
    const place = placeOf(fn);
    places.set(name, place === undefined ? name : `${name} (at ${place})`);
    return places.get(name)!;
  };
  const wrap = <T>(object: T): T => {
    if (!hasCalls(object)) return object;
    return new Proxy(object, {
      get(inner, property) {
        const value: unknown = Reflect.get(inner, property, inner);
        if (typeof value !== 'function' || typeof property === 'symbol') return value;
        return (...args: readonly unknown[]) => {
          announce(placed(property, value as Fn));
          return settled(() => Reflect.apply(value, inner, args) as unknown, wrap, announce);
        };
      },
    });
  };
  return wrap(one);
}

/** Announces the end of a call, now or when its promise is settled. */
function settled(call: () => unknown, wrap: <T>(one: T) => T, announce: Announce): unknown {
  let isLater = false;
  try {
    const result = call();
    if (!(result instanceof Promise)) return wrap(result);
    isLater = true;
    return result.then(wrap).finally(() => announce(undefined));
  } finally {
    if (!isLater) announce(undefined);
  }
}

function hasCalls(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return ['connect', 'begin', 'commit', 'open'].some((name) => name in value);
}

export const pathOf = (url: string) => (url.startsWith('file:') ? fileURLToPath(url) : url);

/** File and line of a function, as V8 knows them; `undefined` for one that is built in. */
function placeOf(fn: Fn): string | undefined {
  const session = new Session();
  session.connect();
  try {
    const urls = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    session.post('Debugger.enable');
    const held = globalThis as { assayPlacedFunction?: Fn | undefined };
    held.assayPlacedFunction = fn;
    let place: string | undefined;
    session.post('Runtime.evaluate', { expression: 'assayPlacedFunction' }, (_, found) => {
      const objectId = found?.result.objectId;
      if (objectId === undefined) return;
      session.post('Runtime.getProperties', { objectId }, (_, all) => {
        const at = all?.internalProperties?.find(({ name }) => name === '[[FunctionLocation]]');
        const value = at?.value?.value as { scriptId: string; lineNumber: number } | undefined;
        const url = value && urls.get(value.scriptId);
        if (url) place = `${pathOf(url)}:${value.lineNumber + 1}`;
      });
    });
    delete held.assayPlacedFunction;
    return place;
  } finally {
    session.disconnect();
  }
}
