/**
 * Nemesis: injects faults drawn from the seed, one after the other or several at once, while clients work. They
 * are drawn like cards of a shuffled deck: each once before any is repeated. Each is healed before the next.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkFault } from '../../contract/fault.ts';
import type { FaultWindow } from '../../contract/run-record.ts';
import type { Network } from '../../contract/scenario.ts';
import type { Prng } from '../../random/prng.ts';
import type { ClusterFaultContext } from './fault-context.ts';

/** Up to half shorter or longer than planned. */
const varied = (random: Prng, ms: number) => ms * (0.5 + random.fraction());

export class Nemesis {
  readonly #context: ClusterFaultContext;
  readonly #faults: readonly NetworkFault[];
  readonly #now: () => number;
  #deck: NetworkFault[] = [];
  readonly windows: FaultWindow[] = [];

  constructor(field: ClusterFaultContext, faults: readonly NetworkFault[], now: () => number) {
    this.#context = field;
    this.#faults = faults;
    this.#now = now;
  }

  /** Resolves when the fault phase is over and everything is healed. Throws what a fault throws. */
  async run(plan: Network): Promise<void> {
    const end = this.#now() + plan.faultMs;
    do {
      await this.#strike(plan);
      const rest = varied(this.#context.random, plan.restMs);
      if (this.#now() + rest < end) await sleep(rest);
    } while (this.#now() + plan.lastsMs / 2 < end);
  }

  async #strike(plan: Network): Promise<void> {
    const { random } = this.#context;
    const chosen = this.#draw(plan.atATime);
    if (chosen.length === 0) {
      await sleep(plan.lastsMs);
      return;
    }
    const fromMs = this.#now();
    try {
      for (const fault of chosen) await fault.inject(this.#context);
      // A directed fault has taken its time already.
      const left = varied(random, plan.lastsMs) - (this.#now() - fromMs);
      if (left > 0) await sleep(left);
    } finally {
      for (const fault of chosen) await fault.heal?.(this.#context);
      await this.#context.healAll();
      const name = chosen.map((fault) => fault.name).join(' + ');
      this.windows.push({ name, fromMs, toMs: this.#now() });
    }
  }

  #draw(count: number): NetworkFault[] {
    const drawn: NetworkFault[] = [];
    const wanted = Math.min(count, this.#faults.length);
    while (drawn.length < wanted) {
      if (this.#deck.length === 0) this.#deck = this.#context.random.shuffle(this.#faults);
      const card = this.#deck.pop()!;
      if (!drawn.includes(card)) drawn.push(card);
    }
    return drawn;
  }
}
