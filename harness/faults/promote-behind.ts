/** Directed: the standby stops hearing the primary, which goes on; then the primary is killed, for fencing, and the standby promoted. What the primary acknowledged meanwhile is gone, unless it waited for the standby. */
import { defineFault } from '../contract/fault.ts';
import { cutOff, others, primaryOf } from './network/cuts.ts';

const WRITES = 100;
const PATIENCE_MS = 5000;

export default defineFault({
  kind: 'network',
  name: 'promote-behind',
  doc: 'the standby is cut off, the primary acknowledges 100 writes if it does, is killed, and the standby promoted',
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
