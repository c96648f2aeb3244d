/** True packet loss, as the kernel sees it: TCP sends again, slower and slower. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'packet-loss',
  doc: 'a fifth to two fifths of the packets to one node are lost',
  needs: ['packets'],
  async inject(context) {
    const node = context.random.below(context.nodes);
    const share = context.random.between(20, 40) / 100;
    await context.losePackets(node, share);
  },
});
