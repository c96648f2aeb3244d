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
  async inject(field) {
    const old = await primaryOf(field);
    const [standby] = others(field, [old]);
    await cutOff(field, old);
    const before = field.acknowledged(old);
    await field.until(() => field.acknowledged(old) >= before + WRITES, PATIENCE_MS);
    await field.fence(old);
    await field.healLinks();
    await field.promote(standby!);
    await field.until(async () => (await field.primary()) === standby, PATIENCE_MS);
    await field.until(() => field.acknowledged(standby) > 0, PATIENCE_MS);
  },
});
