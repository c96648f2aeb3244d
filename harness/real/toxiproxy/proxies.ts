/** The proxies by name: what the API does to them, without HTTP. Throws ApiError. */
import { Prng } from '../../random/prng.ts';
import { isSamePlace, listenAddress } from './address.ts';
import { ApiError } from './api-error.ts';
import { type Body, booleanIn, textIn } from './body.ts';
import { type Cut, TcpProxy } from './tcp-proxy.ts';
import { type Direction, isToxicType, mergeAttributes, type Toxic, toxicityIn } from './toxic.ts';
import { Traffic } from './traffic.ts';

export interface LoggedEvent {
  /** Milliseconds since the server began. */
  readonly at: number;
  readonly what: string;
  readonly [fact: string]: unknown;
}

const EVENTS_MAX = 10_000;

export class Proxies {
  readonly seed: number;
  /** Whether `/metrics` answers. */
  readonly hasMetrics: boolean;
  readonly events: LoggedEvent[] = [];
  readonly traffic = new Traffic();
  readonly #proxies = new Map<string, TcpProxy>();
  readonly #random: Prng;
  readonly #began = performance.now();

  constructor(seed: number, hasMetrics = false) {
    this.seed = seed;
    this.hasMetrics = hasMetrics;
    this.#random = new Prng(seed).derive('toxiproxy');
  }

  get all(): readonly TcpProxy[] {
    return [...this.#proxies.values()];
  }

  get(name: string): TcpProxy {
    const proxy = this.#proxies.get(name);
    if (proxy === undefined) throw new ApiError(404, 'proxy not found');
    return proxy;
  }

  async create(body: Body): Promise<TcpProxy> {
    const { name, upstream } = requireFields(body);
    if (this.#proxies.has(name)) throw new ApiError(409, 'proxy already exists');
    return this.#make(name, upstream, body);
  }

  /** All or, when one can't listen, those before it, with the error. */
  async populate(
    bodies: readonly Body[],
  ): Promise<{ made: TcpProxy[]; error: ApiError | undefined }> {
    for (const [i, body] of bodies.entries()) {
      try {
        requireFields(body);
      } catch (error) {
        throw new ApiError(400, `${(error as Error).message} at proxy ${i + 1}`);
      }
    }
    const made: TcpProxy[] = [];
    for (const body of bodies) {
      const { name, upstream } = requireFields(body);
      const before = this.#proxies.get(name);
      try {
        const isSame =
          before?.upstream === upstream && (await isSameListener(before, textIn(body, 'listen')));
        if (before !== undefined && !isSame) this.remove(name);
        made.push(isSame ? before : await this.#make(name, upstream, body));
      } catch (error) {
        if (error instanceof ApiError) return { made, error };
        throw error;
      }
    }
    return { made, error: undefined };
  }

  async update(name: string, body: Body): Promise<TcpProxy> {
    const proxy = this.get(name);
    const listen = textIn(body, 'listen') ?? proxy.listen;
    const upstream = textIn(body, 'upstream') ?? proxy.upstream;
    const enabled = booleanIn(body, 'enabled') ?? proxy.enabled;
    listenAddress(listen);
    if (upstream !== proxy.upstream || !(await isSamePlace(listen, proxy.listen))) {
      proxy.stop();
      proxy.listen = listen;
      proxy.upstream = upstream;
    }
    if (enabled) await proxy.start();
    else proxy.stop();
    return proxy;
  }

  remove(name: string): void {
    const proxy = this.get(name);
    this.#proxies.delete(name);
    proxy.stop();
  }

  /** No toxics, no cuts, everything enabled. */
  async reset(): Promise<void> {
    for (const proxy of this.all) {
      for (const toxic of [...proxy.toxics]) proxy.removeToxic(toxic);
      proxy.setCuts([]);
      proxy.isMute = false;
      await proxy.start();
    }
  }

  toxic(name: string, toxicName: string): Toxic {
    const toxic = this.get(name).toxics.find((one) => one.name === toxicName);
    if (toxic === undefined) throw new ApiError(404, 'toxic not found');
    return toxic;
  }

  addToxic(proxyName: string, body: Body): Toxic {
    const proxy = this.get(proxyName);
    const type = textIn(body, 'type');
    const stream = textIn(body, 'stream') ?? 'downstream';
    const direction = directionOf(stream);
    // Go clients and the command line send an empty name for none.
    const name = textIn(body, 'name') || `${type}_${stream}`;
    if (!isToxicType(type)) throw new ApiError(400, 'invalid toxic type');
    if (proxy.toxics.some((one) => one.name === name)) {
      throw new ApiError(409, 'toxic already exists');
    }
    const toxicity = toxicityIn(body) ?? 1;
    const attributes = mergeAttributes(type, body.attributes);
    const toxic: Toxic = { name, type, stream, direction, toxicity, attributes };
    proxy.addToxic(toxic);
    return toxic;
  }

  updateToxic(name: string, toxicName: string, body: Body): Toxic {
    const toxic = this.toxic(name, toxicName);
    const attributes = mergeAttributes(toxic.type, body.attributes, toxic.attributes);
    toxic.toxicity = toxicityIn(body) ?? toxic.toxicity;
    toxic.attributes = attributes;
    this.get(name).updateToxic(toxic);
    return toxic;
  }

  removeToxic(name: string, toxicName: string): void {
    this.get(name).removeToxic(this.toxic(name, toxicName));
  }

  /** `stream`: upstream, downstream or both; `source`: an address, or all. */
  cut(name: string, body: Body): readonly Cut[] {
    const proxy = this.get(name);
    const stream = textIn(body, 'stream') ?? 'both';
    const source = textIn(body, 'source');
    const directions: Direction[] =
      stream === 'both' ? ['upstream', 'downstream'] : [directionOf(stream)];
    proxy.setCuts([...proxy.cuts, ...directions.map((direction) => ({ direction, source }))]);
    return proxy.cuts;
  }

  async #make(name: string, upstream: string, body: Body): Promise<TcpProxy> {
    const listen = textIn(body, 'listen') ?? '';
    listenAddress(listen);
    const enabled = booleanIn(body, 'enabled') ?? true;
    const note = (what: string, facts: Readonly<Record<string, unknown>>) => {
      this.events.push({ at: performance.now() - this.#began, what, ...facts });
      if (this.events.length > EVENTS_MAX) this.events.shift();
    };
    const random = this.#random.derive(name);
    const ended = this.traffic.add.bind(this.traffic);
    const proxy = new TcpProxy({ name, listen, upstream, random, note, ended });
    // Taken before it listens: of two that are made at once the second is refused.
    this.#proxies.set(name, proxy);
    try {
      if (enabled) await proxy.start();
    } catch (error) {
      this.#proxies.delete(name);
      throw error;
    }
    return proxy;
  }
}

function requireFields(body: Body): { readonly name: string; readonly upstream: string } {
  const name = textIn(body, 'name') ?? '';
  const upstream = textIn(body, 'upstream') ?? '';
  if (name === '') throw new ApiError(400, 'missing required field: name');
  if (upstream === '') throw new ApiError(400, 'missing required field: upstream');
  return { name, upstream };
}

function directionOf(stream: string): Direction {
  const direction = stream.toLowerCase();
  if (direction === 'upstream' || direction === 'downstream') return direction;
  throw new ApiError(400, 'stream was invalid, can be either upstream or downstream');
}

/** Whether a proxy listens where it is asked to, whatever the spelling. */
async function isSameListener(proxy: TcpProxy, listen = ''): Promise<boolean> {
  return listen === proxy.asked || (await isSamePlace(listen, proxy.listen));
}
