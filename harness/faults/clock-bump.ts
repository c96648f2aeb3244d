/** The wall clock of one node jumps, forth or back; monotonic time goes on. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'clock-bump',
  doc: 'the wall clock of one node jumps by up to five minutes',
  needs: ['clock'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const byMs = 1000 * context.random.between(10, 300) * (context.random.chance(0.5) ? 1 : -1);
    await context.bumpClock(node, byMs);
    await context.until(() => false, context.lastsMs);
    await context.bumpClock(node, 0);
  },
});
