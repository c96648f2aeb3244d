/**
 * Played cluster: three nodes over one set of keys in memory, with links and processes that record what is done
 * to them. The faulty variant acknowledges commits that it drops after one kind of network fault, and is
 * correct otherwise.
 */
import type { Cluster } from '../contract/cluster.ts';
import type { Session, Transaction } from '../contract/target.ts';
import type { FaultySite } from '../real/site/faulty-site.ts';
import type { ProxiedLink } from '../real/site/proxy-server.ts';

/** What a fault can do to a cluster. A link of two nodes is cut both ways, or one way. */
export type Act =
  | 'cut'
  | 'cut both ways'
  | 'packets lost'
  | 'toxic'
  | 'half-open'
  | 'reset'
  | 'kill'
  | 'pause'
  | 'promote'
  | 'clock';

const NODES = [0, 1, 2];
/** Number of commits lost after the act. */
const COMMITS_LOST = 5;
/** Number of commits that are kept but not acknowledged after a connection reset. */
const ANSWERS_LOST = 2;

export class PlayedCluster {
  readonly #faultyAfter: Act | undefined;
  readonly #keys = new Map<string, string>();
  readonly #cuts = new Set<string>();
  #primary = 0;
  #clockShiftMs = 0;
  #commitsLost = 0;
  #answersLost = 0;

  constructor(faultyAfter: Act | undefined) {
    this.#faultyAfter = faultyAfter;
  }

  get cluster(): Cluster {
    return {
      connect: async () => this.#session(),
      primary: async () => this.#primary,
      promote: async (node) => {
        this.#primary = node;
        this.#note('promote');
      },
      clock: async () => Date.now() + this.#clockShiftMs,
      leaseMs: 10,
      close: async () => {},
    };
  }

  /** As much of a site as faults act on. */
  get site(): FaultySite {
    const note = async (act: Act) => this.#note(act);
    const link: ProxiedLink = {
      add: () => note('toxic'),
      halfOpen: () => note('half-open'),
      reset: async () => {
        this.#answersLost = ANSWERS_LOST;
        this.#note('reset');
      },
    } as Pick<ProxiedLink, 'add' | 'halfOpen' | 'reset'> as ProxiedLink;
    const site: Partial<FaultySite> = {
      nodes: NODES.length,
      links: () => ({ clients: [link], peers: [link] }),
      cut: async (from, to) => this.#cut(from, to),
      losePackets: () => note('packets lost'),
      heal: async () => this.#cuts.clear(),
      kill: () => note('kill'),
      pause: () => note('pause'),
      revive: async () => {},
      crashed: () => [],
      bumpClock: async (_, byMs) => {
        this.#clockShiftMs = byMs;
        this.#note('clock');
      },
    };
    return site as FaultySite;
  }

  #note(act: Act): void {
    if (act === this.#faultyAfter) this.#commitsLost = COMMITS_LOST;
  }

  #cut(from: number, to: number): void {
    this.#cuts.add(`${from} ${to}`);
    this.#note('cut');
    if (this.#isCut(from, to)) this.#note('cut both ways');
    if (this.#isAlone(this.#primary)) this.#primary = NODES.find((node) => !this.#isAlone(node))!;
  }

  #isCut(one: number, other: number): boolean {
    return this.#cuts.has(`${one} ${other}`) && this.#cuts.has(`${other} ${one}`);
  }

  /** A primary that hears nobody is replaced. */
  #isAlone(node: number): boolean {
    return NODES.every((other) => other === node || this.#isCut(node, other));
  }

  #session(): Session {
    return { begin: async () => this.#begin(), close: async () => {} };
  }

  #begin(): Transaction {
    const written = new Map<string, string>();
    return {
      get: async (key) => written.get(key) ?? this.#keys.get(key),
      put: async (key, value) => void written.set(key, value),
      delete: async (key) => void written.delete(key),
      range: async ({ prefix = '', limit = Number.POSITIVE_INFINITY }) =>
        [...this.#keys]
          .filter(([key]) => key.startsWith(prefix))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, limit),
      commit: async () => this.#commit(written),
      rollback: async () => {},
    };
  }

  #commit(written: ReadonlyMap<string, string>): void {
    if (written.size === 0) return;
    if (this.#commitsLost > 0) {
      this.#commitsLost--;
      return;
    }
    for (const [key, value] of written) this.#keys.set(key, value);
    if (this.#answersLost === 0) return;
    this.#answersLost--;
    const lost = { code: 'disconnected', definite: false };
    throw Object.assign(new Error('the connection was reset'), lost);
  }
}
