/** Directed: the primary is cut off from the others, not from its clients; others choose a new one while it goes on to take writes; then the network heals. */
import { defineFault } from '../contract/fault.ts';
import { cutOff, primaryOf } from './network/cuts.ts';

const WRITES = 100;
const PATIENCE_MS = 15_000;

export default defineFault({
  kind: 'network',
  name: 'lose-failover',
  doc: 'the primary is cut off until another was chosen and it has acknowledged 100 writes more',
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
