import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimMemory } from '../harness/simulation/sim/sim-memory.ts';
import { MemoryBudget, type MemoryUser } from './memory-budget.ts';

/** A store whose cache grows as far as it may, in chunks of ten bytes. */
class Store implements MemoryUser {
  readonly memoryBytes: number | undefined;
  readonly #budget: MemoryBudget;
  fixed = 0;
  cached = 0;
  /** In use: not to be dropped. */
  held = 0;

  constructor(budget: MemoryBudget, memoryBytes?: number) {
    this.#budget = budget;
    this.memoryBytes = memoryBytes;
    budget.join(this);
  }

  fixedBytes = () => this.fixed;
  lentBytes = () => 0;
  cacheBytes = () => this.cached;

  trimCache(): number {
    const before = this.cached;
    while (this.cached > this.held && this.cached > this.#budget.cacheLimit(this))
      this.cached -= 10;
    return before - this.cached;
  }

  grow(): void {
    while (this.cached + 10 <= this.#budget.cacheLimit(this)) {
      this.cached += 10;
      this.#budget.balance();
    }
  }
}

const MACHINE = 1e9;
const totalOf = (stores: readonly Store[]) =>
  stores.reduce((sum, { fixed, cached }) => sum + fixed + cached, 0);

describe('the memory budget', () => {
  it('is a quarter of the machine, half of what is free, or the largest that was asked for', () => {
    const memory = new SimMemory(MACHINE);
    const budget = MemoryBudget.of(memory);
    expect(MemoryBudget.of(memory)).toBe(budget);
    expect(budget.limitBytes()).toBe(MACHINE / 4);
    memory.available = MACHINE / 10;
    expect(budget.limitBytes()).toBe(MACHINE / 20);
    const one = new Store(budget);
    memory.available = MACHINE / 2; // what was usual when the first store was opened stays so
    expect(budget.limitBytes()).toBe(MACHINE / 20);
    const two = new Store(budget, 1000);
    const three = new Store(budget, 2000);
    expect(budget.limitBytes()).toBe(2000);
    for (const store of [one, two, three]) budget.leave(store);
    expect(budget.limitBytes()).toBe(MACHINE / 4);
  });

  it('keeps all stores together within the limit, and each at its share (property)', () => {
    const action = fc.record({
      kind: fc.constantFrom('fixed', 'grow', 'grow', 'open', 'close'),
      store: fc.nat(3),
      bytes: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const budget = new MemoryBudget(new SimMemory(MACHINE));
        let stores: Store[] = [new Store(budget, 1000)];
        for (const { kind, store, bytes } of actions) {
          const one = stores[store % stores.length]!;
          if (kind === 'open' && stores.length < 4) stores.push(new Store(budget, 1000));
          else if (kind === 'fixed') one.fixed = bytes;
          else if (kind === 'grow') one.grow();
          else if (kind === 'close' && stores.length > 1) {
            budget.leave(one);
            stores = stores.filter((other) => other !== one);
          }
          budget.balance();
          const fixed = stores.reduce((sum, other) => sum + other.fixed, 0);
          expect(totalOf(stores)).toBeLessThanOrEqual(Math.max(1000, fixed));
          const share = Math.max(0, (1000 - fixed) / stores.length);
          if (kind === 'grow') expect(one.cached).toBeGreaterThan(share - 10);
        }
      }),
    );
  });

  it('gives back what is short, and grows again once much is free', () => {
    const memory = new SimMemory(MACHINE);
    const budget = new MemoryBudget(memory);
    const store = new Store(budget, 1000);
    store.grow();
    expect(store.cached).toBe(1000);
    memory.available = MACHINE / 20;
    memory.press(300);
    expect(store.cached).toBe(700);
    store.grow();
    expect(store.cached).toBe(700);
    memory.press(10); // at least an eighth
    expect(store.cached).toBeLessThanOrEqual(620);
    memory.available = MACHINE;
    store.grow();
    expect(store.cached).toBe(1000);
    budget.leave(store);
    memory.press(300); // nobody listens
  });

  it('does not grow into what others need', () => {
    const memory = new SimMemory(MACHINE);
    const budget = new MemoryBudget(memory);
    const store = new Store(budget, MACHINE);
    memory.available = MACHINE / 32 + 95;
    expect(budget.cacheLimit(store)).toBe(95);
    memory.available = 0;
    expect(budget.cacheLimit(store)).toBe(0);
    store.cached = 50; // what it has it keeps until memory is short
    expect(budget.cacheLimit(store)).toBe(50);
  });

  it('lets indexes take three quarters', () => {
    const budget = new MemoryBudget(new SimMemory(MACHINE));
    const store = new Store(budget, 1000);
    store.fixed = 500;
    expect(budget.mayHold(250)).toBe(true);
    expect(budget.mayHold(251)).toBe(false);
  });
});
