/** True packet loss, as the kernel sees it: TCP sends again, slower and slower. */
import { defineFault } from '../contract/fault.ts';

export default defineFault({
  kind: 'network',
  name: 'packet-loss',
  doc: 'a fifth to two fifths of the packets to one node are lost',
  needs: ['packets'],
  async inject(field) {
    const node = field.random.below(field.nodes);
    const share = field.random.between(20, 40) / 100;
    await field.losePackets(node, share);
  },
});
