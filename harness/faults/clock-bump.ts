/** The wall clock of one node jumps, forth or back; monotonic time goes on. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'clock-bump',
  doc: 'the wall clock of one node jumps by up to five minutes',
  needs: ['clock'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    const byMs = 1000 * field.random.between(10, 300) * (field.random.chance(0.5) ? 1 : -1);
    await field.bumpClock(node, byMs);
    await field.until(() => false, field.lastsMs);
    await field.bumpClock(node, 0);
  },
});
