/**
 * Directed fault: the standby is cut off from the primary, which keeps serving. Then the primary is killed, which
 * fences it, and the standby is promoted. Writes acknowledged in between are lost, unless the primary waited for the
 * standby.
 */
import { defineFault } from '../contract/fault.ts';
import { cutOff, others, primaryOf } from './network/cuts.ts';

const WRITES = 100;
const PATIENCE_MS = 5000;

export default defineFault({
  kind: 'network',
  name: 'promote-behind',
  doc: 'the standby is cut off; the primary acknowledges up to 100 writes and is killed; the standby is promoted',
  needs: ['peers', 'processes', 'promote'],
  async inject(context) {
    const old = await primaryOf(context);
    const [standby] = others(context, [old]);
    await cutOff(context, old);
    const before = context.acknowledged(old);
    await context.until(() => context.acknowledged(old) >= before + WRITES, PATIENCE_MS);
    await context.fence(old);
    await context.healLinks();
    await context.promote(standby!);
    await context.until(async () => (await context.primary()) === standby, PATIENCE_MS);
    await context.until(() => context.acknowledged(standby) > 0, PATIENCE_MS);
  },
});
