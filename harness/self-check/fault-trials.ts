/**
 * Tests every crash fault: the right small store is valid under it, each faulty store is invalid
 * under the faults that expose it and valid under all others, and no fault is without one.
 */
import type { CrashFault } from '../contract/fault.ts';
import type { Validity } from '../contract/verdict.ts';
import { FAULTY_STORES } from '../simulation/sim/small/faulty-stores.ts';
import { SmallStore } from '../simulation/sim/small/small-store.ts';

/** What crash states under the fault say of a store; with more states where it is `isFaulty`. */
export type Crashed = (store: typeof SmallStore, isFaulty: boolean) => Promise<Validity>;

export async function tryFault(fault: CrashFault, crashed: Crashed): Promise<string | undefined> {
  const clean = await crashed(SmallStore, false);
  if (clean !== 'valid') return `a store that keeps its promises is found ${clean}`;
  let exposed = 0;
  for (const [name, { store, exposedBy }] of Object.entries(FAULTY_STORES)) {
    const isExposed = exposedBy.includes(fault.name);
    const found = await crashed(store, isExposed);
    if (isExposed) exposed++;
    if (isExposed && found !== 'invalid') return `a store that ${name} is found ${found}`;
    if (!isExposed && found === 'invalid') return `a store that ${name} is found ${found}`;
  }
  return exposed > 0 ? undefined : 'there is no faulty store that it exposes';
}
