/**
 * SIGSTOP of a follower for longer than a lease: locks of its clients expire meanwhile, and requests they sent
 * arrive afterwards.
 */
import { defineFault } from '../contract/fault.ts';
import { followerOf } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'pause-past-lease',
  doc: 'a follower is paused for longer than a lease and resumed',
  needs: ['processes'],
  async inject(context) {
    const node = await followerOf(context);
    await context.pause(node);
    const before = context.acknowledged();
    await context.until(() => false, 1.5 * context.leaseMs);
    // Others must have had the lock meanwhile.
    await context.until(() => context.acknowledged() >= before + 2, 4 * context.leaseMs);
    await context.revive(node);
    await context.until(() => false, context.leaseMs);
  },
});
