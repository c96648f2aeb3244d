/** SIGSTOP of a follower for longer than a lease lasts: what its clients held is others' by now, and what they sent arrives. */
import { defineFault } from '../contract/fault.ts';
import { followerOf } from './network/cuts.ts';
export default defineFault({
  kind: 'network',
  name: 'pause-past-lease',
  doc: 'a follower stops for longer than a lease and goes on',
  needs: ['processes'],
  async inject(field) {
    const node = await followerOf(field);
    await field.pause(node);
    const before = field.acknowledged();
    await field.until(() => false, 1.5 * field.leaseMs);
    // Others must have had the lock meanwhile.
    await field.until(() => field.acknowledged() >= before + 2, 4 * field.leaseMs);
    await field.revive(node);
    await field.until(() => false, field.leaseMs);
  },
});
