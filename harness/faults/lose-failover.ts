/**
 * Directed fault: cuts the primary off from the other nodes, not from its clients, so that the others elect a new
 * primary while the old one accepts writes; then heals the network.
 */
import { defineFault } from '../contract/fault.ts';
import { cutOff, primaryOf } from './network/cuts.ts';

const WRITES = 100;
const PATIENCE_MS = 15_000;

export default defineFault({
  kind: 'network',
  name: 'lose-failover',
  doc: 'the primary is cut off until another node is elected and the old one has acknowledged 100 more writes',
  needs: ['peers'],
  async inject(context) {
    const old = await primaryOf(context);
    await cutOff(context, old);
    const before = context.acknowledged(old);
    await context.until(async () => {
      const now = await context.primary();
      return now !== undefined && now !== old && context.acknowledged(old) >= before + WRITES;
    }, PATIENCE_MS);
  },
});
