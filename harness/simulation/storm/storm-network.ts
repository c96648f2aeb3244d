/** StormNetwork: the network faults of a storm, as the knobs say, and the times at which clients are cut off. */
import type { Prng } from '../../random/prng.ts';
import type { Ledger } from '../sim/ledger.ts';
import type { Scheduler } from '../sim/scheduler.ts';
import { type NetworkEvent, SimNetwork } from '../sim/sim-network.ts';
import type { StormFault } from './knobs.ts';
import type { StormPlan } from './storm-plan.ts';

const FAULT_OF: Readonly<Record<NetworkEvent, StormFault>> = {
  lost: 'message-loss',
  duplicated: 'message-duplicate',
  overtaken: 'message-reorder',
  late: 'message-delay',
  cut: 'partition',
};
const NETWORK_FAULTS: readonly StormFault[] = [...Object.values(FAULT_OF), 'partition-one-way'];
const CUT_MS = 2000;

export interface NetworkParts {
  readonly plan: StormPlan;
  readonly random: Prng;
  readonly scheduler: Scheduler;
  readonly ledger: Ledger;
}

export class StormNetwork {
  readonly #parts: NetworkParts;
  readonly #random: Prng;
  readonly #network: SimNetwork;
  #cut: StormFault = 'partition';

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.#random = parts.random.derive('network');
    const { faults } = parts.plan;
    this.#network = new SimNetwork(parts.scheduler, this.#random.derive('messages'), (event) => {
      const fault = event === 'cut' ? this.#cut : FAULT_OF[event];
      if (faults.has(fault)) parts.ledger.mattered(fault);
    });
  }

  begin(): void {
    const { faults } = this.#parts.plan;
    const random = this.#random;
    const amount = (fault: StormFault, most: number) =>
      faults.has(fault) ? most * random.fraction() : 0;
    this.#network.knobs = {
      delayMs: amount('message-delay', 20),
      loss: amount('message-loss', 0.2),
      duplicate: amount('message-duplicate', 0.3),
      reorderMs: amount('message-reorder', 30),
    };
    for (const fault of Object.values(FAULT_OF)) {
      if (faults.has(fault) && fault !== 'partition') this.#parts.ledger.struck(fault);
    }
  }

  end(): void {
    this.#network.knobs = { delayMs: 0, loss: 0, duplicate: 0, reorderMs: 0 };
    this.#network.heal();
  }

  /** Cuts one client off, for a while. */
  partition(): void {
    const { plan, scheduler, ledger } = this.#parts;
    const kinds = (['partition', 'partition-one-way'] as const).filter((kind) =>
      plan.faults.has(kind),
    );
    if (kinds.length === 0) return;
    this.#cut = this.#random.pick(kinds);
    ledger.struck(this.#cut);
    const client = this.#random.below(plan.clients);
    this.#network.cut(client, { to: this.#cut === 'partition', from: true });
    scheduler.after(CUT_MS * this.#random.fraction(), () => this.#network.heal());
  }

  /** No fault of a network is on: clients may as well be where the store is. */
  get isPerfect(): boolean {
    return NETWORK_FAULTS.every((fault) => !this.#parts.plan.faults.has(fault));
  }

  serverGone(): void {
    this.#network.serverGone();
  }

  call<T>(client: number, serve: () => Promise<T>): Promise<T> {
    return this.#network.call(client, serve);
  }
}
