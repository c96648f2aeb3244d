/** The context of network faults: a site, its cluster, and how far the clients are. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../contract/cluster.ts';
import type { FaultContext, LinkKind, LinkToxic } from '../../contract/fault.ts';
import type { Prng } from '../../random/prng.ts';
import type { FaultySite } from '../../real/site/faulty-site.ts';

export interface FieldParts {
  readonly site: FaultySite;
  readonly cluster: Cluster;
  readonly random: Prng;
  readonly lastsMs: number;
  acknowledged(node?: number): number;
}

const POLL_MS = 20;
const CLOCK_TOLERANCE_MS = 5000;
const CLOCK_PATIENCE_MS = 3000;

export class ClusterFaultContext implements FaultContext {
  readonly #parts: FieldParts;
  readonly #down = new Set<number>();

  constructor(parts: FieldParts) {
    this.#parts = parts;
  }

  get nodes(): number {
    return this.#parts.site.nodes;
  }

  get random(): Prng {
    return this.#parts.random;
  }

  get lastsMs(): number {
    return this.#parts.lastsMs;
  }

  get leaseMs(): number {
    return this.#parts.cluster.leaseMs ?? 0;
  }

  /** The primary may be unknown while nodes are down: no error. */
  async primary(): Promise<number | undefined> {
    return this.#parts.cluster.primary?.().catch(() => undefined);
  }

  cut(from: number, to: number): Promise<void> {
    return this.#parts.site.cut(from, to);
  }

  losePackets(node: number, share: number): Promise<void> {
    return this.#parts.site.losePackets(node, share);
  }

  async toxic(kind: LinkKind, node: number, toxic: LinkToxic): Promise<void> {
    const links = this.#parts.site.links(node)[kind];
    await Promise.all(links.map((link) => link.add(toxic)));
  }

  async halfOpen(node: number): Promise<void> {
    const { clients } = this.#parts.site.links(node);
    await Promise.all(clients.map((link) => link.halfOpen()));
  }

  async reset(kind: LinkKind, node: number): Promise<void> {
    const links = this.#parts.site.links(node)[kind];
    await Promise.all(links.map((link) => link.reset()));
  }

  healLinks(): Promise<void> {
    return this.#parts.site.heal();
  }

  async kill(node: number): Promise<void> {
    this.#down.add(node);
    await this.#parts.site.kill(node);
  }

  async pause(node: number): Promise<void> {
    this.#down.add(node);
    await this.#parts.site.pause(node);
  }

  async revive(node: number): Promise<void> {
    if (!this.#down.delete(node)) return;
    await this.#parts.site.revive(node);
  }

  fence(node: number): Promise<void> {
    return this.#parts.site.kill(node);
  }

  async promote(node: number): Promise<void> {
    const { cluster } = this.#parts;
    if (cluster.promote === undefined) throw new Error('this cluster has no manual promotion');
    await cluster.promote(node);
  }

  async bumpClock(node: number, byMs: number): Promise<void> {
    const { cluster, site } = this.#parts;
    if (cluster.clock === undefined) throw new Error('this cluster does not tell its clock');
    await site.bumpClock(node, byMs);
    let shift = 0;
    const seen = await this.until(async () => {
      shift = ((await cluster.clock?.(node)) ?? 0) - Date.now();
      return Math.abs(shift - byMs) < CLOCK_TOLERANCE_MS;
    }, CLOCK_PATIENCE_MS);
    if (seen) return;
    throw new Error(`node ${node} did not see its clock move: it is off by ${shift} ms`);
  }

  acknowledged(node?: number): number {
    return this.#parts.acknowledged(node);
  }

  async until(condition: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    while (!(await condition())) {
      if (performance.now() > deadline) return false;
      await sleep(POLL_MS);
    }
    return true;
  }

  /** Everything as it was: links healed, nodes running. */
  async healAll(): Promise<void> {
    await this.healLinks();
    await Promise.all([...this.#down].map((node) => this.revive(node)));
  }
}
